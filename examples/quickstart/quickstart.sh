#!/bin/sh
# From nothing to a streamed, sourced answer, with curl alone. Needs a running server and SNUG_TOKEN.
set -eu
URL=${SNUG_URL:-http://127.0.0.1:8888}
FILE=${1:-$(dirname "$0")/handbook.md}
QUESTION=${2:-How long is the main telescope cooled before it is used?}
: "${SNUG_TOKEN:?set SNUG_TOKEN, as printed by: ./snug token create --server $URL --email you@example.com}"

call() { curl -sS --fail-with-body -H "Authorization: Bearer $SNUG_TOKEN" "$@"; }
json() { call -H 'Content-Type: application/json' "$@"; }
# The first value of a field, ids being strings.
field() { sed -E "s/.*\"$1\":\"([^\"]*)\".*/\1/"; }

space=$(call "$URL/v1/workspaces" | field id)
file=$(call -F "file=@$FILE" "$URL/v1/files/upload" | field id)
dataset=$(json "$URL/v1/datasets" -d "{\"name\":\"quick start\",\"space_id\":\"$space\",\"format_type\":0}" | field dataset_id)
document=$(json "$URL/open_api/knowledge/document/create" -d "{\"dataset_id\":\"$dataset\",
  \"document_bases\":[{\"name\":\"$(basename "$FILE")\",\"source_info\":{\"source_file_id\":\"$file\",\"document_source\":5}}]}" | field document_id)

# 0 is working, 1 is done, 9 is failed.
while progress=$(json "$URL/v1/datasets/$dataset/process" -d "{\"document_ids\":[\"$document\"]}"); do
  case $progress in
    *'"status":1'*) break ;;
    *'"status":9'*) echo "$progress" >&2; exit 1 ;;
  esac
  sleep 0.2
done

bot=$(json "$URL/v1/bot/create" -d "{\"name\":\"quick start\",\"space_id\":\"$space\"}" | field bot_id)
json "$URL/v1/bot/update" -d "{\"bot_id\":\"$bot\",\"knowledge\":{\"dataset_ids\":[\"$dataset\"]}}" >/dev/null
json "$URL/v1/bot/publish" -d "{\"bot_id\":\"$bot\",\"connector_ids\":[\"1024\"]}" >/dev/null

json -N "$URL/v3/chat" -d "{\"bot_id\":\"$bot\",\"user_id\":\"me\",\"stream\":true,
  \"additional_messages\":[{\"role\":\"user\",\"content_type\":\"text\",\"content\":\"$QUESTION\"}]}"
