import { idOf, type Step, type World } from '../world.ts'
import { ask } from './search.ts'

const DATABASE = '/api/memory/database'
const FILE = '/api/memory/table_file'
const FIELDS = [
  { name: 'item', type: 1, must_required: true, desc: 'what it is' },
  { name: 'amount', type: 2 },
  { name: 'due', type: 3 },
  { name: 'price', type: 4 },
  { name: 'paid', type: 5 },
]
const ROWS = [
  { item: 'pen', amount: '3', due: '2024-02-29 12:00:00', price: '1.5', paid: 'true' },
  { item: 'Ink', amount: '-9223372036854775808', due: '1999-12-31 23:59:59', price: '0.1', paid: 'false' },
  { item: 'paper', amount: '9223372036854775807', price: '1e300', paid: '1' },
  { item: 'O\'Neil \\ % _ "q" 👍 ümlaut', amount: '0', due: '2024-02-29', price: '-2.25' },
  { item: 'PEN', price: '3' },
  { item: 'pén' },
  { item: ' ' },
  { item: '墨水', amount: '42', paid: 'false' },
]
const OPERATORS = ['=', '!=', '>', '<', '>=', '<=', 'IN', 'NOT IN', 'IS NULL', 'IS NOT NULL', 'LIKE', 'NOT LIKE']

const rows = (world: World, more: object = {}) =>
  world.anna.post(`${DATABASE}/list_records`, { database_id: idOf(world, 'stock'), table_type: 2, ...more })
const change = (world: World, more: object) =>
  world.anna.post(`${DATABASE}/update_records`, { database_id: idOf(world, 'stock'), table_type: 2, ...more })
const by = (field: string, direction = 1) => ({
  order_by_list: [
    { field, direction },
    { field: 'bstudio_id', direction: 1 },
  ],
})
const where = (left: string, operator: string, right = '') => ({
  filter_criterion: { conditions: [{ left, operation: OPERATORS.indexOf(operator) + 1, right }] },
  ...by('bstudio_id'),
})

export const databaseSteps: readonly Step[] = [
  {
    name: 'databases',
    run: async (world) => {
      const { anna, bob, ids } = world
      const space_id = idOf(world, "anna's space")
      const create = (table_name: string, field_list: object[], more: object = {}) =>
        anna.post(`${DATABASE}/add`, { space_id, table_name, field_list, ...more })
      ids.stock = (await create('stock', FIELDS, { table_desc: 'what is there', rw_mode: 3 })).database_info.id
      ids['stock online'] = (await anna.post(`${DATABASE}/get_online_database_id`, { id: ids.stock })).id
      ids.orders_table = (await create('orders', FIELDS.slice(0, 2).concat(FIELDS.slice(3, 4)))).database_info.id
      await create('stock', FIELDS)
      await create('STOCK', FIELDS)
      await create('drop table', FIELDS)
      await create('select', [
        { name: 'order', type: 1 },
        { name: '数量', type: 2 },
      ])
      await create('double', [FIELDS[0], FIELDS[0]] as object[])
      await bob.post(`${DATABASE}/add`, { space_id, table_name: 'mine', field_list: FIELDS })
      await anna.post(`${DATABASE}/list`, {
        space_id,
        table_type: 2,
        order_by: [{ field: 'create_time', direction: 2 }],
      })
      await anna.post(`${DATABASE}/get_by_id`, { id: ids.stock, need_sys_fields: true })
      await bob.post(`${DATABASE}/get_by_id`, { id: ids.stock })
    },
  },
  {
    name: 'rows',
    run: async (world) => {
      const { bob, ids } = world
      await change(world, { record_data_add: ROWS })
      const { data } = await rows(world, by('bstudio_id'))
      for (const [i, row] of data.entries()) ids[`row ${i}`] = row.bstudio_id
      for (const bad of [
        { amount: '1' },
        { item: '' },
        { item: 'x', amount: '9223372036854775808' },
        { item: 'x', amount: '1.5' },
        { item: 'x', due: 'tomorrow' },
        { item: 'x', price: 'much' },
        { item: 'x', paid: 'perhaps' },
        { item: 'x', colour: 'red' },
        { item: 'x\0y' },
      ])
        await change(world, { record_data_add: [{ item: 'rolled back' }, bad] })
      await rows(world)
      await bob.post(`${DATABASE}/list_records`, { database_id: idOf(world, 'stock') })
      const alter = [
        { bstudio_id: idOf(world, 'row 0'), amount: '4', due: '' },
        { bstudio_id: idOf(world, 'row 4'), item: 'Pen 2' },
      ]
      await change(world, { record_data_alter: alter, record_data_delete: [{ bstudio_id: idOf(world, 'row 6') }] })
      await change(world, { record_data_alter: [{ bstudio_id: '7000000000000000001', item: 'x' }] })
      await rows(world)
    },
  },
  {
    name: 'rows in order',
    run: async (world) => {
      for (const field of ['item', 'amount', 'due', 'price', 'paid'])
        for (const direction of [1, 2]) await rows(world, by(field, direction))
      for (const offset of [0, 3, 6, 9]) await rows(world, { ...by('bstudio_id', 2), limit: 3, offset })
      await rows(world, by('colour'))
    },
  },
  {
    name: 'rows by conditions',
    run: async (world) => {
      for (const [field, ...values] of [
        ['item', 'pen', 'PÉN', ''],
        ['amount', '4', '0', '42'],
        ['due', '2024-02-29 00:00:00', '1999-12-31 23:59:59'],
        ['price', '0.1', '1.5'],
        ['paid', 'true'],
      ] as const)
        for (const value of values)
          for (const operator of ['=', '!=', '>', '<=']) await rows(world, where(field, operator, value))
      for (const operator of ['IS NULL', 'IS NOT NULL']) await rows(world, where('amount', operator))
      for (const pattern of ['p%', '%E%', '%\\%%', '_nk', "%'%", '%墨%', 'é'])
        for (const operator of ['LIKE', 'NOT LIKE']) await rows(world, where('item', operator, pattern))
      await rows(world, where('amount', 'IN', '0,4,42'))
      await rows(world, where('amount', 'IN', '[0, 4]'))
      await rows(world, where('item', 'NOT IN', "('pen','Ink')"))
      await rows(world, where('amount', '>', 'many'))
    },
  },
  {
    name: 'fields change',
    run: async (world) => {
      const { anna } = world
      const { database_info } = await anna.post(`${DATABASE}/get_by_id`, { id: idOf(world, 'stock') })
      const kept = database_info.field_list.filter((field: { name: string }) => field.name !== 'price')
      const renamed = kept.map((field: { name: string }) => ({
        ...field,
        name: field.name === 'due' ? 'until' : field.name,
      }))
      const base = { id: idOf(world, 'stock'), table_name: 'stock', table_desc: 'changed', rw_mode: 3 }
      await anna.post(`${DATABASE}/update`, { ...base, field_list: [...renamed, { name: 'note', type: 1 }] })
      await rows(world)
      await change(world, { record_data_add: [{ item: 'late', note: 'new field' }] })
      await rows(world, where('note', 'IS NOT NULL'))
      await rows(world, where('price', '=', '1'))
      await anna.post('/api/memory/table_schema/get', { database_id: idOf(world, 'stock') })
    },
  },
  {
    name: 'rows from files',
    run: async (world) => {
      const { anna } = world
      const database_id = idOf(world, 'orders_table')
      const file = (name: string) => ({ source_file: { tos_uri: idOf(world, name) } })
      await anna.post(`${DATABASE}/get_template`, { database_id })
      await anna.post('/api/memory/table_schema/get', file('orders'))
      for (const name of ['orders', 'bad orders']) {
        await anna.post('/api/memory/table_schema/validate', { database_id, ...file(name) })
        await anna.post(`${FILE}/submit`, { database_id, table_type: 2, file_uri: idOf(world, name) })
        type Progress = { data: { Progress: number; StatusDescript: string } }
        const isDone = ({ data }: Progress) => data.Progress === 100 || data.StatusDescript !== ''
        await anna.until(`${FILE}/get_progress`, { database_id, table_type: 2 }, isDone)
        await anna.post(`${DATABASE}/list_records`, { database_id, table_type: 2, ...by('amount') })
      }
    },
  },
  {
    name: 'agents ask databases',
    // the prompt names the dialect of the database, and counts
    hidden: ['input_count', 'token_count'],
    run: async (world) => {
      const { anna } = world
      const bot_id = idOf(world, 'helper')
      for (const name of ['stock', 'orders_table'])
        await anna.post(`${DATABASE}/bind_to_bot`, { database_id: idOf(world, name), bot_id })
      await anna.post(`${DATABASE}/list`, { bot_id, table_type: 2 })
      for (const question of [
        'Count the stock',
        'Join both',
        'Group them',
        'Drop it',
        'Look elsewhere',
        'Nothing to ask',
      ])
        await ask(world, question)
      await anna.post(`${DATABASE}/unbind_to_bot`, { database_id: idOf(world, 'orders_table'), bot_id })
      await ask(world, 'Join both')
    },
  },
]

/** What the scripted model writes when it is asked for a query, by words of the question. */
export const QUERIES: Readonly<Record<string, string>> = {
  'Count the stock': 'SELECT COUNT(*) AS n, SUM(amount) AS total, MIN(item) AS first FROM stock WHERE amount < 100',
  'Join both': 'SELECT s.item, o.amount FROM stock s JOIN orders o ON s.item = o.item ORDER BY s.item, o.amount',
  'Group them': 'SELECT paid, COUNT(*) AS n FROM stock GROUP BY paid ORDER BY n DESC, paid LIMIT 5',
  'Drop it': 'DROP TABLE stock',
  'Look elsewhere': 'SELECT * FROM account',
}
