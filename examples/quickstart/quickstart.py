"""The same as quickstart.sh with cozepy: python quickstart.py [FILE] [QUESTION]"""

import os
import sys
import time
from pathlib import Path

from cozepy import BotKnowledge, ChatEventType, Coze, DocumentBase, DocumentSourceInfo, DocumentStatus, Message, TokenAuth

path = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).with_name("handbook.md")
question = sys.argv[2] if len(sys.argv) > 2 else "Above which humidity is the dome closed?"
coze = Coze(auth=TokenAuth(os.environ["SNUG_TOKEN"]), base_url=os.environ.get("SNUG_URL", "http://127.0.0.1:8888"))

space_id = coze.workspaces.list().items[0].id
dataset_id = coze.datasets.create(name="quick start", space_id=space_id, format_type=0).dataset_id
source = DocumentSourceInfo.build_local_file(content=path.read_text(), file_type=path.suffix[1:])
documents = coze.datasets.documents.create(dataset_id=dataset_id, document_bases=[DocumentBase(name=path.name, source_info=source)])
ids = [document.document_id for document in documents]
while any(p.status == DocumentStatus.PROCESSING for p in coze.datasets.process(dataset_id=dataset_id, document_ids=ids)):
    time.sleep(0.2)

bot_id = coze.bots.create(space_id=space_id, name="quick start").bot_id
coze.bots.update(bot_id=bot_id, name="quick start", knowledge=BotKnowledge(dataset_ids=[dataset_id], auto_call=True, search_strategy=1))
coze.bots.publish(bot_id=bot_id)
messages = [Message.build_user_question_text(question)]
for event in coze.chat.stream(bot_id=bot_id, user_id="me", additional_messages=messages):
    if event.event == ChatEventType.CONVERSATION_MESSAGE_DELTA:
        print(event.message.content, end="", flush=True)
print()
