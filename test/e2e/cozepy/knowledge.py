"""Files, datasets, documents and images, and the answers that come out of them."""

import json

from cozepy import (
    ChatEventType,
    ChatStatus,
    DocumentBase,
    DocumentChunkStrategy,
    DocumentFormatType,
    DocumentSourceInfo,
    DocumentStatus,
    DocumentUpdateRule,
    Message,
    MessageType,
)
from world import SPACE, coze, indexed, path_of, publish_bot, refused, run


def ask(bot_id, question):
    """The answer, what its deltas come to, and the sources."""
    deltas, answer, sources, status = "", "", [], None
    messages = [Message.build_user_question_text(question)]
    for event in coze.chat.stream(bot_id=bot_id, user_id="u", additional_messages=messages):
        if event.event == ChatEventType.CONVERSATION_MESSAGE_DELTA:
            deltas += event.message.content
        if event.event == ChatEventType.CONVERSATION_MESSAGE_COMPLETED:
            if event.message.type == MessageType.ANSWER:
                answer = event.message.content
            elif event.message.type == MessageType.VERBOSE:
                content = json.loads(event.message.content)
                if content["msg_type"] == "knowledge_recall":
                    sources = json.loads(content["data"])["chunks"]
        if event.chat:
            status = event.chat.status
    assert status == ChatStatus.COMPLETED, status
    return answer, deltas, sources


def files_come_back_as_they_went_in():
    made = coze.files.upload(file=path_of("handbook.pdf"))
    assert made.file_name == "handbook.pdf" and made.bytes > 1000 and isinstance(made.created_at, int)
    again = coze.files.retrieve(file_id=made.id)
    assert (again.id, again.bytes, again.created_at) == (made.id, made.bytes, made.created_at)
    refused(4200, lambda: coze.files.retrieve(file_id="123"))


def documents_answer_questions():
    dataset_id = coze.datasets.create(
        name="Handbooks", space_id=SPACE, format_type=DocumentFormatType.DOCUMENT, description="Two languages"
    ).dataset_id
    file = coze.files.upload(file=path_of("handbook.pdf"))
    with open(path_of("handbook.zh.txt"), encoding="utf-8") as text:
        chinese = text.read()
    documents = coze.datasets.documents.create(
        dataset_id=dataset_id,
        document_bases=[
            DocumentBase(name="handbook.pdf", source_info=DocumentSourceInfo.build_file_id(file.id)),
            DocumentBase(
                name="handbook.zh.txt",
                source_info=DocumentSourceInfo.build_local_file(chinese),
                update_rule=DocumentUpdateRule.build_no_auto_update(),
            ),
        ],
        chunk_strategy=DocumentChunkStrategy.build_custom(max_tokens=600, separator="\n\n"),
    )
    ids = [document.document_id for document in documents]
    for progress in indexed(dataset_id, ids):
        assert progress.status == DocumentStatus.COMPLETED, progress.status_descript
        assert progress.progress == 100 and progress.remaining_time == 0 and progress.url.startswith("http")
    bot_id = publish_bot([dataset_id])
    with open(path_of("questions.json"), encoding="utf-8") as text:
        questions = json.load(text)
    for question in questions:
        answer, deltas, sources = ask(bot_id, question["ask"])
        assert deltas == answer
        for fact in question["facts"]:
            assert fact in answer, f"{question['ask']} -> {answer}"
        assert sources and all(source["meta"]["document"]["id"] in ids for source in sources)
        assert all(0 < source["score"] <= 1 for source in sources)

    listed = coze.datasets.documents.list(dataset_id=dataset_id, page_num=1, page_size=1)
    assert listed.total == 2 and len(list(listed)) == 2
    coze.datasets.documents.update(document_id=ids[0], document_name="renamed.pdf")
    names = {document.name for document in coze.datasets.documents.list(dataset_id=dataset_id)}
    assert names == {"renamed.pdf", "handbook.zh.txt"}
    coze.datasets.documents.delete(document_ids=[ids[0]])
    assert coze.datasets.documents.list(dataset_id=dataset_id).total == 1
    refused(4200, lambda: coze.datasets.documents.delete(document_ids=[ids[0]]))
    web = DocumentBase(name="page", source_info=DocumentSourceInfo.build_web_page("http://127.0.0.1/"))
    refused(4000, lambda: coze.datasets.documents.create(dataset_id=dataset_id, document_bases=[web]))


def datasets_are_listed_changed_and_deleted():
    made = [
        coze.datasets.create(name=f"Set {i}", space_id=SPACE, format_type=DocumentFormatType.DOCUMENT).dataset_id
        for i in range(3)
    ]
    listed = coze.datasets.list(space_id=SPACE, name="Set", page_num=1, page_size=2)
    assert listed.total == 3 and {dataset.dataset_id for dataset in listed} == set(made)
    coze.datasets.update(dataset_id=made[0], name="Other", description="changed")
    other = list(coze.datasets.list(space_id=SPACE, name="Other"))
    assert other[0].description == "changed" and other[0].file_list == []
    for dataset_id in made:
        coze.datasets.delete(dataset_id=dataset_id)
    assert coze.datasets.list(space_id=SPACE, name="Set").total == 0
    refused(4200, lambda: coze.datasets.delete(dataset_id=made[0]))


def images_are_described():
    dataset_id = coze.datasets.create(name="Images", space_id=SPACE, format_type=DocumentFormatType.IMAGE).dataset_id
    file = coze.files.upload(file=("boat.png", b"\x89PNG\r\n\x1a\n"))
    documents = coze.datasets.documents.create(
        dataset_id=dataset_id,
        document_bases=[DocumentBase(name="boat.png", source_info=DocumentSourceInfo.build_file_id(file.id))],
        chunk_strategy=DocumentChunkStrategy(caption_type=1),
        format_type=DocumentFormatType.IMAGE,
    )
    image_id = documents[0].document_id
    coze.datasets.images.update(dataset_id=dataset_id, document_id=image_id, caption="A red boat")
    indexed(dataset_id, [image_id])
    photos = list(coze.datasets.images.list(dataset_id=dataset_id, has_caption=True))
    assert [(photo.document_id, photo.caption) for photo in photos] == [(image_id, "A red boat")]
    assert coze.datasets.images.list(dataset_id=dataset_id, keyword="submarine").total == 0


run(
    files_come_back_as_they_went_in,
    documents_answer_questions,
    datasets_are_listed_changed_and_deleted,
    images_are_described,
)
