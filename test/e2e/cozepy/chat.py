"""Chats, conversations and messages, with a model that repeats what it hears."""

from cozepy import (
    ChatEventType,
    ChatStatus,
    CozeAPIError,
    Message,
    MessageContentType,
    MessageObjectString,
    MessageRole,
    MessageType,
)
from world import coze, path_of, publish_bot, refused, run, same

bot_id = publish_bot()


def question(text):
    return [Message.build_user_question_text(text)]


def a_stream_has_every_event():
    events = list(
        coze.chat.stream(
            bot_id=bot_id, user_id="u", additional_messages=question("Hello"), meta_data={"tenant": "a"}, parameters={}
        )
    )
    kinds = [event.event for event in events]
    assert kinds[:2] == [ChatEventType.CONVERSATION_CHAT_CREATED, ChatEventType.CONVERSATION_CHAT_IN_PROGRESS]
    assert kinds[-1] == ChatEventType.CONVERSATION_CHAT_COMPLETED
    deltas = [e.message.content for e in events if e.event == ChatEventType.CONVERSATION_MESSAGE_DELTA]
    answers = [e.message for e in events if e.message and e.message.type == MessageType.ANSWER]
    assert len(deltas) > 1 and "".join(deltas) == answers[-1].content
    assert answers[-1].content.startswith("You said: Hello")
    chat = events[-1].chat
    assert chat.usage.token_count == chat.usage.input_count + chat.usage.output_count > 0
    assert chat.meta_data == {"tenant": "a"}
    assert chat.inserted_additional_messages is None or all(m.id for m in chat.inserted_additional_messages)


def create_and_poll_waits_for_the_answer():
    poll = coze.chat.create_and_poll(bot_id=bot_id, user_id="u", additional_messages=question("Good morning"))
    assert poll.chat.status == ChatStatus.COMPLETED and poll.chat.usage.token_count > 0
    types = [message.type for message in poll.messages]
    assert MessageType.ANSWER in types and MessageType.QUESTION not in types


def create_and_poll_cancels_when_it_takes_too_long():
    poll = coze.chat.create_and_poll(
        bot_id=bot_id, user_id="u", additional_messages=question("slow please"), poll_timeout=1
    )
    chat = coze.chat.retrieve(conversation_id=poll.chat.conversation_id, chat_id=poll.chat.id)
    assert chat.status == ChatStatus.CANCELED, chat.status


def chats_are_canceled_once():
    chat = coze.chat.create(bot_id=bot_id, user_id="u", additional_messages=question("slow again"))
    assert chat.status == ChatStatus.IN_PROGRESS
    ids = {"conversation_id": chat.conversation_id, "chat_id": chat.id}
    again = {"bot_id": bot_id, "user_id": "u", "conversation_id": chat.conversation_id}
    refused(4016, lambda: coze.chat.create(**again, additional_messages=question("Two at once")))
    refused(4016, lambda: list(coze.chat.stream(**again, additional_messages=question("Two at once"))))
    assert coze.chat.cancel(**ids).status == ChatStatus.CANCELED
    refused(4104, lambda: coze.chat.cancel(**ids))


def a_model_that_fails_ends_the_stream_properly():
    events = list(coze.chat.stream(bot_id=bot_id, user_id="u", additional_messages=question("break")))
    assert events[-1].event == ChatEventType.CONVERSATION_CHAT_FAILED
    assert events[-1].chat.last_error.code > 0 and events[-1].chat.last_error.msg


def files_are_attached():
    file = coze.files.upload(file=path_of("menu.pdf"))
    objects = [MessageObjectString.build_text("What is there?"), MessageObjectString.build_file(file_id=file.id)]
    message = Message.build_user_question_objects(objects)
    poll = coze.chat.create_and_poll(bot_id=bot_id, user_id="u", additional_messages=[message])
    answer = next(m.content for m in poll.messages if m.type == MessageType.ANSWER)
    assert "lentil soup" in answer, answer


def conversations_are_kept():
    first = coze.conversations.create(
        bot_id=bot_id, meta_data={"k": "v"}, messages=[Message.build_user_question_text("Hi", {"a": "b"})]
    )
    assert first.meta_data == {"k": "v"} and first.last_section_id
    assert same(coze.conversations.retrieve(conversation_id=first.id), first)
    others = {coze.conversations.create(bot_id=bot_id).id for _ in range(4)}
    listed = [conversation.id for conversation in coze.conversations.list(bot_id=bot_id, page_size=2)]
    assert {first.id, *others} <= set(listed) and len(listed) == len(set(listed))
    assert coze.conversations.update(conversation_id=first.id, name="Renamed").name == "Renamed"
    section = coze.conversations.clear(conversation_id=first.id)
    assert section.conversation_id == first.id and section.id != first.last_section_id
    coze.conversations.delete(conversation_id=first.id)
    refused(4200, lambda: coze.conversations.retrieve(conversation_id=first.id))


def messages_are_met_once_over_the_pages():
    conversation_id = coze.conversations.create().id
    texts = [f"message {i}" for i in range(60)]
    messages = coze.conversations.messages
    for text in texts:
        message = messages.create(
            conversation_id=conversation_id, role=MessageRole.USER, content=text, content_type=MessageContentType.TEXT
        )
    for order, wanted in (("asc", texts), ("desc", texts[::-1])):
        assert [m.content for m in messages.list(conversation_id=conversation_id, order=order)] == wanted
    ids = {"conversation_id": conversation_id, "message_id": message.id}
    assert same(messages.retrieve(**ids), message)
    assert messages.update(**ids, meta_data={"seen": "yes"}).meta_data == {"seen": "yes"}
    assert messages.update(**ids, content="Other").content == "Other"
    assert messages.delete(**ids).id == message.id
    try:
        messages.retrieve(**ids)
        raise AssertionError("it is still there")
    except CozeAPIError as err:
        assert err.code == 4200


run(
    a_stream_has_every_event,
    create_and_poll_waits_for_the_answer,
    create_and_poll_cancels_when_it_takes_too_long,
    chats_are_canceled_once,
    a_model_that_fails_ends_the_stream_properly,
    files_are_attached,
    conversations_are_kept,
    messages_are_met_once_over_the_pages,
)
