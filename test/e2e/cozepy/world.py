"""What the checks share: the client for the server that the test has started, and how checks are run."""

import os
import sys
import time
import traceback

from cozepy import Coze, CozeAPIError, TokenAuth

URL = os.environ["SNUG_URL"]
SPACE = os.environ["SNUG_SPACE"]
FILES = os.environ["SNUG_FILES"]

coze = Coze(auth=TokenAuth(os.environ["SNUG_TOKEN"]), base_url=URL)


def path_of(name):
    return os.path.join(FILES, name)


def publish_bot(dataset_ids=()):
    from cozepy import BotKnowledge

    bot = coze.bots.create(space_id=SPACE, name="Helper")
    if dataset_ids:
        coze.bots.update(bot_id=bot.bot_id, knowledge=BotKnowledge(dataset_ids=list(dataset_ids), auto_call=True))
    coze.bots.publish(bot_id=bot.bot_id)
    return bot.bot_id


def indexed(dataset_id, document_ids, timeout_s=30):
    """Waits until no document is being processed and returns the progress of all."""
    end = time.monotonic() + timeout_s
    while True:
        progress = coze.datasets.process(dataset_id=dataset_id, document_ids=document_ids)
        if all(document.status != 0 for document in progress):
            return list(progress)
        assert time.monotonic() < end, "still being processed"
        time.sleep(0.05)


def refused(code, call):
    """Asserts that a call fails with this code and says so in words, with a log id."""
    try:
        call()
    except CozeAPIError as err:
        assert err.code == code, f"{err.code} instead of {code}: {err.msg}"
        assert err.msg and err.logid, err
        return
    raise AssertionError(f"code {code} was expected")


def same(one, other):
    """Whether two models say the same; they also remember the answers that they came in."""
    return one.model_dump() == other.model_dump()


def run(*checks):
    """Runs the checks and exits with how many failed."""
    failed = 0
    for check in checks:
        try:
            check()
        except Exception:
            failed += 1
            print(f"{check.__name__} failed:", file=sys.stderr)
            traceback.print_exc()
    print(f"{len(checks)} checks, {failed} failed")
    sys.exit(failed)
