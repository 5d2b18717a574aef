import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { z } from 'zod'
import { type Belongings, giveBelongings } from '../../test-kit/belongings.ts'
import { type RouteRequest, routeRequests, sendRequest } from '../../test-kit/requests.ts'
import { startServer, type TestServer } from '../../test-kit/server.ts'

/**
 * What the Python SDK takes an answer apart with, written down as schemas: its models refuse a missing field, a null
 * that they do not expect and an integer that is none of their constants, where the JavaScript SDK takes anything.
 */
const Id = z.string().regex(/^\d+$/)
const Seconds = z.int().min(1_000_000_000).max(9_999_999_999)
const Texts = z.record(z.string(), z.string())
const Count = z.int().min(0)
const Percent = Count.max(100)

const Message = z.object({
  id: Id,
  conversation_id: Id,
  bot_id: z.string(),
  chat_id: z.string(),
  section_id: Id,
  role: z.enum(['user', 'assistant']),
  type: z.enum(['question', 'answer', 'function_call', 'tool_output', 'tool_response', 'follow_up', 'verbose']),
  content: z.string(),
  content_type: z.enum(['text', 'object_string', 'card', 'audio']),
  meta_data: Texts,
  created_at: Seconds,
  updated_at: Seconds,
  reasoning_content: z.string(),
})
const Usage = z.object({ token_count: Count.min(1), output_count: Count, input_count: Count })
const Chat = z.object({
  id: Id,
  conversation_id: Id,
  bot_id: Id,
  section_id: Id,
  status: z.enum(['created', 'in_progress', 'completed', 'failed', 'requires_action', 'canceled']),
  created_at: Seconds,
  completed_at: Seconds.optional(),
  failed_at: Seconds.optional(),
  meta_data: Texts,
  last_error: z.object({ code: z.int(), msg: z.string() }),
  usage: Usage.optional(),
  inserted_additional_messages: z.array(z.object({ id: Id })).optional(),
})
const Completed = Chat.extend({ status: z.literal('completed'), completed_at: Seconds, usage: Usage })
const Conversation = z.object({
  id: Id,
  created_at: Seconds,
  updated_at: Seconds,
  meta_data: Texts,
  last_section_id: Id,
  name: z.string(),
  creator_id: Id,
  connector_id: Id,
})
const File = z.object({ id: Id, bytes: Count, created_at: Seconds, file_name: z.string(), url: z.url() })
const FormatType = z.literal([0, 1, 2])
const SourceType = z.literal([0, 1, 2, 3, 4, 5, 101, 102, 103, 104])
const DocumentStatus = z.literal([0, 1, 9])
const UpdateType = z.literal([0, 1])
const ChunkStrategy = z.object({
  chunk_type: z.int().optional(),
  separator: z.string().optional(),
  max_tokens: z.int().optional(),
  remove_extra_spaces: z.boolean().optional(),
  remove_urls_emails: z.boolean().optional(),
  caption_type: z.int().optional(),
})
const Dataset = z.object({
  dataset_id: Id,
  name: z.string(),
  description: z.string(),
  space_id: Id,
  status: z.literal([1, 3]),
  format_type: FormatType,
  can_edit: z.boolean(),
  icon_url: z.string(),
  avatar_url: z.string(),
  creator_id: Id,
  creator_name: z.string(),
  doc_count: Count,
  hit_count: Count,
  bot_used_count: Count,
  slice_count: Count,
  all_file_size: Count,
  file_list: z.array(z.string()),
  failed_file_list: z.array(z.string()),
  processing_file_list: z.array(z.string()),
  processing_file_id_list: z.array(Id),
  chunk_strategy: ChunkStrategy.nullable(),
  create_time: Seconds,
  update_time: Seconds,
})
const Progress = z.object({
  document_id: Id,
  document_name: z.string(),
  url: z.url(),
  size: Count,
  type: z.string(),
  status: DocumentStatus,
  progress: Percent,
  update_type: UpdateType,
  update_interval: Count,
  remaining_time: Count,
  status_descript: z.string(),
})
const Document = z.object({
  document_id: Id,
  name: z.string(),
  type: z.string().regex(/^\w+$/),
  size: Count,
  char_count: Count,
  slice_count: Count,
  hit_count: Count,
  format_type: FormatType,
  source_type: SourceType,
  status: DocumentStatus,
  update_type: UpdateType,
  update_interval: Count,
  chunk_strategy: ChunkStrategy,
  create_time: Seconds,
  update_time: Seconds,
})
const Photo = z.object({
  document_id: Id,
  url: z.url(),
  name: z.string(),
  size: Count,
  type: z.string(),
  status: DocumentStatus,
  caption: z.string(),
  creator_id: Id,
  source_type: SourceType,
  create_time: Seconds,
  update_time: Seconds,
})
const Bot = z.object({
  bot_id: Id,
  name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  create_time: Seconds,
  update_time: Seconds,
  version: z.string(),
  prompt_info: z.object({ prompt: z.string() }),
  onboarding_info: z.object({ prologue: z.string(), suggested_questions: z.array(z.string()) }),
  knowledge: z.object({
    dataset_ids: z.array(Id),
    auto_call: z.boolean(),
    search_strategy: z.literal([0, 1, 20]),
    knowledge_infos: z.array(z.object({ id: Id, name: z.string() })),
  }),
  bot_mode: z.literal([0, 1, 2]),
  plugin_info_list: z.array(z.unknown()),
  model_info: z.object({
    model_id: z.string(),
    model_name: z.string(),
    response_format: z.enum(['text', 'markdown', 'json']).optional(),
    temperature: z.number().optional(),
    top_p: z.number().optional(),
    top_k: z.int().optional(),
    max_tokens: z.int().optional(),
    context_round: z.int().optional(),
  }),
  suggest_reply_info: z.object({
    reply_mode: z.enum(['disable', 'enable', 'customized']),
    customized_prompt: z.string(),
  }),
  background_image_info: z.object({}),
  variables: z.array(z.unknown()),
  owner_user_id: Id,
  default_user_input_type: z.enum(['text', 'call', 'voice']),
  workflow_info_list: z.array(z.unknown()),
  shortcut_commands: z.array(z.unknown()),
})
const BotV1 = z.object({
  bot_id: Id,
  bot_name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  publish_time: z.string().regex(/^\d{10}$/),
})
const BotV2 = z.object({
  id: Id,
  name: z.string(),
  description: z.string(),
  icon_url: z.string(),
  is_published: z.boolean(),
  updated_at: Seconds,
  published_at: Seconds.optional(),
  owner_user_id: Id,
})
const Workspace = z.object({
  id: Id,
  name: z.string(),
  icon_url: z.string(),
  role_type: z.enum(['owner', 'admin', 'member']),
  workspace_type: z.enum(['personal', 'team']),
  enterprise_id: z.string(),
})
const User = z.object({ user_id: Id, user_name: z.string(), nick_name: z.string(), avatar_url: z.string() })

/** The SDK takes these keys, when they are there, for the whole of the answer. */
const NEVER_BESIDE = { first_id: z.never().optional(), debug_url: z.never().optional() }
const envelope = <T extends z.ZodRawShape>(shape: T) => z.object({ code: z.literal(0), msg: z.string(), ...shape })
const data = <T extends z.ZodType>(schema: T) => envelope({ data: schema, ...NEVER_BESIDE })
const empty = envelope({ data: z.never().optional(), ...NEVER_BESIDE })
const documents = envelope({ document_infos: z.array(Document).min(1), data: z.never().optional() })
const total = z.int().min(1)

const KNOWLEDGE = '/open_api/knowledge'
/** The answer to each call of the SDKs, for one who has one of everything. */
const ANSWERS: Readonly<Record<string, z.ZodType>> = {
  'GET /v1/workspaces': data(z.object({ total_count: total, workspaces: z.array(Workspace).min(1) })),
  'GET /v1/users/me': data(User),
  'POST /v1/bot/create': data(z.object({ bot_id: Id })),
  'POST /v1/bot/update': empty,
  'POST /v1/bot/publish': data(z.object({ bot_id: Id, version: Id })),
  'GET /v1/bots/:bot_id': data(Bot),
  'GET /v1/bot/get_online_info': data(Bot),
  'GET /v1/bots': data(z.object({ total, items: z.array(BotV2).min(1) })),
  'GET /v1/space/published_bots_list': data(z.object({ total, space_bots: z.array(BotV1).min(1) })),
  'POST /v1/files/upload': data(File),
  'GET /v1/files/retrieve': data(File),
  'POST /v1/datasets': data(z.object({ dataset_id: Id })),
  'GET /v1/datasets': data(z.object({ total_count: total, dataset_list: z.array(Dataset).min(1) })),
  'PUT /v1/datasets/:dataset_id': empty,
  'POST /v1/datasets/:dataset_id/process': data(z.object({ data: z.array(Progress).min(1) })),
  [`POST ${KNOWLEDGE}/document/create`]: documents,
  [`POST ${KNOWLEDGE}/document/list`]: documents.extend({ total }),
  [`GET ${KNOWLEDGE}/document/list`]: documents.extend({ total }),
  [`POST ${KNOWLEDGE}/document/update`]: empty,
  [`POST ${KNOWLEDGE}/document/retry`]: documents,
  'GET /v1/datasets/:dataset_id/images': data(z.object({ photo_infos: z.array(Photo).min(1), total_count: total })),
  'PUT /v1/datasets/:dataset_id/images/:document_id': empty,
  'POST /v1/conversation/create': data(Conversation),
  'GET /v1/conversation/retrieve': data(Conversation),
  'GET /v1/conversations': data(z.object({ conversations: z.array(Conversation).min(1), has_more: z.boolean() })),
  'PUT /v1/conversations/:conversation_id': data(Conversation),
  'POST /v1/conversation/message/create': data(Message),
  'POST /v1/conversation/message/list': envelope({
    data: z.array(Message),
    first_id: z.string(),
    last_id: z.string(),
    has_more: z.boolean(),
  }),
  'GET /v1/conversation/message/retrieve': data(Message),
  'POST /v1/conversation/message/modify': envelope({ message: Message, data: z.never().optional() }),
  'GET /v3/chat/retrieve': data(Completed),
  'POST /v3/chat/retrieve': data(Completed),
  'GET /v3/chat/message/list': data(z.array(Message.extend({ role: z.literal('assistant') })).min(1)),
  'POST /v3/chat': data(Chat.extend({ status: z.literal('in_progress') })),
  'POST /v1/conversation/message/delete': data(Message),
  'POST /v1/conversations/:conversation_id/clear': data(z.object({ id: Id, conversation_id: Id })),
  'DELETE /v1/conversations/:conversation_id': empty,
  [`POST ${KNOWLEDGE}/document/delete`]: empty,
  'DELETE /v1/datasets/:dataset_id': empty,
  'POST /v1/bots/:bot_id/unpublish': empty,
}
/** Calls that neither SDK makes, or whose request in the table is refused. */
const NOT_OF_THE_SDKS = [
  `POST ${KNOWLEDGE}/slice/list`,
  'DELETE /v1/bots/:bot_id',
  'POST /v3/chat/cancel',
  'POST /v3/chat/submit_tool_outputs',
]

const DELTA = Message.partial().required({ role: true, type: true, content: true, content_type: true, id: true })
const EVENTS: Readonly<Record<string, z.ZodType>> = {
  'conversation.chat.created': Chat,
  'conversation.chat.in_progress': Chat,
  'conversation.message.delta': DELTA,
  'conversation.message.completed': Message,
  'conversation.chat.completed': Completed,
  done: z.literal('[DONE]'),
}

let server: TestServer
let ann: Belongings
let requests: Record<string, RouteRequest[]>
let headers: Record<string, string>

before(async () => {
  server = await startServer({ env: { MODEL_URI: 'scripted:?reply=Fine+indeed&delay=5ms' } })
  ann = await giveBelongings(server.url, 'ann', 'anns')
  requests = routeRequests(ann)
  headers = { authorization: `Bearer ${ann.user.token}` }
})
after(() => server[Symbol.asyncDispose]())

test('every call that an SDK makes has its answer described here', () => {
  const calls = Object.keys(requests).filter((name) => /^\w+ \/(v1|v3|open_api)\//.test(name))
  assert.deepEqual(Object.keys(ANSWERS).sort(), calls.filter((name) => !NOT_OF_THE_SDKS.includes(name)).sort())
})

test('a stream has two lines to an event, and every event is of its shape', async () => {
  const [streamed] = requests['POST /v3/chat'] ?? []
  const answer = await sendRequest(server.url, 'POST /v3/chat', streamed ?? {}, headers)
  assert.ok(answer.text.endsWith('\n\n'))
  const events = answer.text.trimEnd().split('\n\n')
  const kinds = new Set<string>()
  for (const event of events) {
    const [, kind = '', json = ''] = /^event:([\w.]+)\ndata:(.*)$/.exec(event) ?? []
    assert.ok(kind in EVENTS, event)
    const parsed = EVENTS[kind]?.safeParse(JSON.parse(json))
    assert.ok(parsed?.success, `${event}: ${parsed?.error && z.prettifyError(parsed.error)}`)
    kinds.add(kind)
  }
  assert.deepEqual([...kinds].sort(), Object.keys(EVENTS).sort())
})

test('every answer has every field that the stricter SDK asks for, and no null it would not take', async () => {
  for (const [name, schema] of Object.entries(ANSWERS))
    for (const request of requests[name] ?? []) {
      if (request.body?.stream === true) continue
      const answer = await sendRequest(server.url, name, request, headers)
      const parsed = schema.safeParse(JSON.parse(answer.text))
      assert.ok(parsed.success, `${name}: ${parsed.error && z.prettifyError(parsed.error)}\n${answer.text}`)
    }
})

test('empty lists are lists, and an empty page has all of its keys', async () => {
  const fresh = await sendRequest(server.url, 'POST /v1/conversation/create', {}, headers)
  const { id } = (JSON.parse(fresh.text) as { data: { id: string } }).data
  const page = await sendRequest(
    server.url,
    'POST /v1/conversation/message/list',
    { query: { conversation_id: id } },
    headers,
  )
  assert.partialDeepStrictEqual(JSON.parse(page.text), { data: [], first_id: '', last_id: '', has_more: false })
})
