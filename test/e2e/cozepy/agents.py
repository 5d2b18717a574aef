"""Agents, workspaces, who I am, and errors."""

from cozepy import (
    BotModelInfo,
    BotOnboardingInfo,
    BotPromptInfo,
    BotSuggestReplyInfo,
    Coze,
    PublishStatus,
    SuggestReplyMode,
    TokenAuth,
)
from world import SPACE, URL, coze, publish_bot, refused, run, same


def agents_are_made_published_and_found():
    icon = coze.files.upload(file=("icon.png", b"\x89PNG\r\n\x1a\n"))
    bot_id = coze.bots.create(
        space_id=SPACE,
        name="Porter",
        description="Knows the keys",
        icon_file_id=icon.id,
        prompt_info=BotPromptInfo(prompt="Answer shortly."),
        onboarding_info=BotOnboardingInfo(prologue="Good day", suggested_questions=["Where?"]),
        suggest_reply_info=BotSuggestReplyInfo(reply_mode=SuggestReplyMode.DISABLE),
        model_info_config=BotModelInfo(
            model_id="1", temperature=0.5, response_format=BotModelInfo.ResponseFormat.MARKDOWN
        ),
    ).bot_id
    assert bot_id
    refused(4200, lambda: coze.bots.retrieve(bot_id=bot_id))
    draft = coze.bots.retrieve(bot_id=bot_id, is_published=False, use_api_version=2)
    assert draft.name == "Porter"
    published = coze.bots.publish(bot_id=bot_id)
    assert published.bot_id == bot_id and published.version
    one = coze.bots.retrieve(bot_id=bot_id)
    two = coze.bots.retrieve(bot_id=bot_id, use_api_version=2)
    assert same(one, two)
    assert one.prompt_info.prompt == "Answer shortly."
    assert one.onboarding_info.suggested_questions == ["Where?"]
    assert one.model_info.response_format == "markdown" and one.icon_url.startswith("http")
    coze.bots.update(bot_id=bot_id, name="Doorman")
    assert coze.bots.retrieve(bot_id=bot_id).name == "Porter"

    others = [publish_bot() for _ in range(3)]
    for version in (1, 2):
        listed = list(coze.bots.list(space_id=SPACE, page_num=1, page_size=2, use_api_version=version))
        assert {bot.id for bot in listed} >= {bot_id, *others}
        assert len(listed) == len({bot.id for bot in listed})
    drafts = coze.bots.list(space_id=SPACE, publish_status=PublishStatus.UNPUBLISHED_DRAFT, use_api_version=2)
    assert bot_id not in [bot.id for bot in drafts]
    coze.bots.unpublish(bot_id=bot_id, connector_id="1024", unpublish_reason="enough")
    refused(4200, lambda: coze.bots.retrieve(bot_id=bot_id))


def who_i_am_and_where():
    me = coze.users.me()
    assert me.user_id and me.user_name == "owner" and me.nick_name
    spaces = list(coze.workspaces.list())
    assert [space.id for space in spaces] == [SPACE]
    assert spaces[0].role_type == "owner" and spaces[0].workspace_type == "personal"


def errors_have_their_codes():
    stranger = Coze(auth=TokenAuth("pat_wrong"), base_url=URL)
    refused(4100, lambda: stranger.users.me())
    refused(4000, lambda: coze.bots.create(space_id=SPACE, name=""))
    refused(4000, lambda: coze.bots.retrieve(bot_id="abc"))
    refused(4101, lambda: coze.bots.create(space_id="1", name="Elsewhere"))
    refused(4200, lambda: coze.conversations.retrieve(conversation_id="1"))
    refused(4200, lambda: coze.chat.create(bot_id="1", user_id="u"))


run(agents_are_made_published_and_found, who_i_am_and_where, errors_have_their_codes)
