import type { Belongings } from './belongings.ts'

/** A request that is right in all it says; only whose things it names is open. */
export type RouteRequest = {
  params?: Readonly<Record<string, string>>
  query?: Readonly<Record<string, string>>
  body?: Readonly<Record<string, unknown>>
  /** A form with one file of this field. */
  form?: 'file' | 'avatar'
  /** The code that its owner gets; 0 unless told. */
  code?: number
  /** Fields where another person's id only leaves nothing to answer: cursors and filters. */
  filters?: readonly string[]
}

const PAT = '/api/permission_api/pat'
const KNOWLEDGE = '/open_api/knowledge'
const DATABASE = '/api/memory/database'
const update_rule = { update_type: 0, update_interval: 0 }
const question = { role: 'user', content: 'Hello', content_type: 'text' }
const one = (request: RouteRequest) => [request]
const own = { params: {}, query: {}, body: {} }

/**
 * Requests to every route that is not public, by "METHOD /path", in an order in which each finds what it names: what
 * deletes comes last. Every field that names a thing occurs.
 */
export function routeRequests(my: Belongings): Record<string, RouteRequest[]> {
  const conversation = { conversation_id: my.conversation }
  const chat = { ...conversation, chat_id: my.chat }
  const message = { ...conversation, message_id: my.message }
  const dataset = { dataset_id: my.dataset }
  const agent = { bot_id: my.agent }
  const database = { database_id: my.database }
  const field_list = [{ name: 'note', type: 1 }]
  const filter_criterion = { conditions: [{ left: 'note', operation: 1, right: 'x' }] }
  const order_by_list = [{ field: 'note', direction: 1 }]
  const attached = JSON.stringify([
    { type: 'text', text: 'Look' },
    { type: 'file', file_id: my.file },
  ])
  const withFile = { role: 'user', content: attached, content_type: 'object_string' }
  const credentials = { email: my.user.email, password: my.user.password }
  return {
    'POST /api/passport/account/info/v2/': one(own),
    'POST /api/user/update_profile': one({ body: { description: 'me' } }),
    'POST /api/web/user/update/upload_avatar/': one({ form: 'avatar' }),
    [`POST ${PAT}/create_personal_access_token_and_permission`]: one({ body: { name: 'n', duration_day: '1' } }),
    [`GET ${PAT}/list_personal_access_tokens`]: one({ query: { page: '1', size: '10' } }),
    [`GET ${PAT}/get_personal_access_token_and_permission`]: one({ query: { id: my.accessToken } }),
    [`POST ${PAT}/update_personal_access_token_and_permission`]: one({ body: { id: my.accessToken, name: 'other' } }),
    'GET /v1/workspaces': one(own),
    'POST /api/playground_api/space/list': one(own),
    'GET /v1/users/me': one(own),

    'POST /v1/bot/create': one({
      body: { space_id: my.space, name: 'Bot', icon_file_id: my.file, knowledge: { dataset_ids: [my.dataset] } },
    }),
    'POST /v1/bot/update': one({ body: { ...agent, icon_file_id: my.file, knowledge: { dataset_ids: [my.dataset] } } }),
    'POST /v1/bot/publish': one({ body: { ...agent, connector_ids: ['1024'] } }),
    'GET /v1/bots/:bot_id': one({ params: agent }),
    'GET /v1/bot/get_online_info': one({ query: agent }),
    'GET /v1/bots': one({ query: { workspace_id: my.space } }),
    'GET /v1/space/published_bots_list': one({ query: { space_id: my.space } }),

    'POST /v1/files/upload': one({ form: 'file' }),
    'GET /v1/files/retrieve': one({ query: { file_id: my.file } }),
    'POST /api/bot/upload_file': one({ body: { file_head: { file_type: 'png', biz_type: 1 }, data: 'AAAA' } }),

    'POST /v1/datasets': one({ body: { space_id: my.space, name: 'Set', format_type: 0, file_id: my.file } }),
    'GET /v1/datasets': one({ query: { space_id: my.space } }),
    'PUT /v1/datasets/:dataset_id': one({ params: dataset, body: { name: 'Set', file_id: my.file } }),
    'POST /v1/datasets/:dataset_id/process': one({ params: dataset, body: { document_ids: [my.document] } }),
    [`POST ${KNOWLEDGE}/document/create`]: one({
      body: { ...dataset, document_bases: [{ name: 'a.txt', source_info: { source_file_id: my.file }, update_rule }] },
    }),
    [`POST ${KNOWLEDGE}/document/list`]: [
      { body: dataset },
      { body: { ...dataset, document_ids: [my.document] }, filters: ['body.document_ids'] },
    ],
    [`GET ${KNOWLEDGE}/document/list`]: one({ query: dataset }),
    [`POST ${KNOWLEDGE}/document/update`]: one({
      body: { document_id: my.document, document_name: 'b.txt', update_rule },
    }),
    [`POST ${KNOWLEDGE}/document/retry`]: one({ body: { document_ids: [my.document] } }),
    [`POST ${KNOWLEDGE}/slice/list`]: one({ body: { document_id: my.document } }),
    'GET /v1/datasets/:dataset_id/images': one({ params: { dataset_id: my.imageDataset } }),
    'PUT /v1/datasets/:dataset_id/images/:document_id': one({
      params: { dataset_id: my.imageDataset, document_id: my.image },
      body: { caption: 'A boat' },
    }),

    [`POST ${DATABASE}/add`]: one({
      body: { space_id: my.space, table_name: 'other', icon_uri: my.file, field_list },
    }),
    [`POST ${DATABASE}/list`]: [
      { body: { space_id: my.space, table_type: 1, order_by: [{ field: 'create_time', direction: 2 }] } },
      { body: { creator_id: my.user.accountId, table_type: 2 }, filters: ['body.creator_id'] },
      { body: { ...agent, table_type: 2 } },
    ],
    [`POST ${DATABASE}/get_by_id`]: one({ body: { id: my.database, need_sys_fields: true } }),
    [`POST ${DATABASE}/update`]: one({
      body: { id: my.database, table_name: 'notes', icon_uri: my.file, field_list },
    }),
    [`POST ${DATABASE}/get_online_database_id`]: one({ body: { id: my.database } }),
    [`POST ${DATABASE}/list_records`]: one({
      body: { ...database, table_type: 1, filter_criterion, order_by_list },
    }),
    [`POST ${DATABASE}/update_records`]: one({ body: { ...database, record_data_add: [{ note: 'new' }] } }),
    [`POST ${DATABASE}/get_template`]: one({ body: database }),
    'POST /api/memory/table_schema/get': [
      { body: { source_file: { tos_uri: my.table } } },
      { body: { database_id: my.database } },
    ],
    'POST /api/memory/table_schema/validate': one({ body: { ...database, source_file: { tos_uri: my.table } } }),
    'POST /api/memory/table_file/submit': one({ body: { ...database, file_uri: my.table } }),
    'POST /api/memory/table_file/get_progress': one({ body: database }),
    [`POST ${DATABASE}/unbind_to_bot`]: one({ body: { ...agent, ...database } }),
    [`POST ${DATABASE}/bind_to_bot`]: one({ body: { ...agent, ...database } }),

    'POST /v1/conversation/create': [{ body: agent }, { body: { messages: [withFile] } }],
    'GET /v1/conversation/retrieve': one({ query: conversation }),
    // the agent may be gone: its conversations stay
    'GET /v1/conversations': one({ query: agent, filters: ['query.bot_id'] }),
    'PUT /v1/conversations/:conversation_id': one({ params: conversation, body: { name: 'Talk' } }),
    'POST /v1/conversation/message/create': [
      { query: conversation, body: question },
      { query: conversation, body: withFile },
    ],
    'POST /v1/conversation/message/list': [
      { query: conversation },
      { query: conversation, body: { chat_id: my.chat }, filters: ['body.chat_id'] },
      { query: conversation, body: { before_id: my.message }, filters: ['body.before_id'] },
      { query: conversation, body: { after_id: my.message }, filters: ['body.after_id'] },
    ],
    'GET /v1/conversation/message/retrieve': one({ query: message }),
    'POST /v1/conversation/message/modify': [
      { query: message, body: { content: 'Other' } },
      { query: message, body: { content: attached, content_type: 'object_string' } },
    ],

    'GET /v3/chat/retrieve': one({ query: chat }),
    'POST /v3/chat/retrieve': one({ query: chat }),
    'GET /v3/chat/message/list': one({ query: chat }),
    'POST /v3/chat/cancel': one({ body: chat, code: 4104 }),
    'POST /v3/chat/submit_tool_outputs': one({ query: chat, code: 4000 }),
    'POST /v3/chat': [
      {
        query: conversation,
        body: { ...agent, user_id: 'u', stream: true, additional_messages: [question] },
      },
      { body: { ...agent, ...conversation, user_id: 'u', stream: true, additional_messages: [withFile] } },
      { body: { ...agent, user_id: 'u', additional_messages: [withFile] } },
    ],

    'POST /v1/conversation/message/delete': one({ query: message }),
    'POST /v1/conversations/:conversation_id/clear': one({ params: conversation }),
    'DELETE /v1/conversations/:conversation_id': one({ params: conversation }),
    [`POST ${KNOWLEDGE}/document/delete`]: one({ body: { document_ids: [my.document] } }),
    'DELETE /v1/datasets/:dataset_id': one({ params: dataset }),
    [`POST ${DATABASE}/delete`]: one({ body: { id: my.database } }),
    'POST /v1/bots/:bot_id/unpublish': one({ params: agent, body: { connector_id: '1024' } }),
    'DELETE /v1/bots/:bot_id': one({ params: agent }),
    [`POST ${PAT}/delete_personal_access_token_and_permission`]: one({ body: { id: my.accessToken } }),
    'GET /api/passport/web/email/password/reset/': one({ query: credentials }),
    'POST /api/passport/web/email/password/reset/': one({ body: credentials }),
    'POST /api/passport/web/logout/': one(own),
    'GET /api/passport/web/logout/': one({ code: 4100 }),
  }
}

/** Sends one request as a person would, by what the path asks for: token or cookie. */
export async function sendRequest(
  base: string,
  name: string,
  { params = {}, query = {}, body, form }: RouteRequest,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; text: string; code: number }> {
  const [method = '', path = ''] = name.split(' ')
  const url = path.replace(/:(\w+)/g, (_, key: string) => encodeURIComponent(params[key] ?? '0')).replace('*', 'x')
  const search = new URLSearchParams(query)
  const file = new FormData()
  if (form !== undefined) file.append(form, new Blob(['GIF89a']), 'a.gif')
  const json = { 'content-type': 'application/json', ...headers }
  const hasBody = method !== 'GET' && method !== 'HEAD' && form === undefined
  const answer = await fetch(`${base}${url}${search.size > 0 ? `?${search}` : ''}`, {
    method,
    headers: hasBody ? json : headers,
    ...(hasBody ? { body: JSON.stringify(body ?? {}) } : form === undefined ? {} : { body: file }),
  })
  const text = await answer.text()
  const code = /"code":(\d+)/.exec(text)?.[1]
  return { status: answer.status, text, code: code === undefined ? -1 : Number(code) }
}
