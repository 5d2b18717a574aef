import { idOf, type Step } from '../world.ts'

export const fileSteps: readonly Step[] = [
  {
    name: 'files',
    run: async (world) => {
      const { anna, bob, ids } = world
      const upload = (name: string, text: string) => anna.upload('/v1/files/upload', 'file', name, text)
      ids.notes = (
        await upload('Notizen für später.txt', 'The copper keys are kept in bay seven.\n'.repeat(50))
      ).data.id
      ids.empty = (await upload('empty.txt', '')).data?.id ?? '1'
      ids.orders = (
        await upload('orders.csv', 'item,amount,price\npen,9007199254740993,1.5\nink,-2,\n"a ""b"", c",0,0.1\n')
      ).data.id
      ids['bad orders'] = (await upload('bad.csv', 'item,amount\npen,many\n')).data.id
      const { data } = await anna.get('/v1/files/retrieve', { file_id: idOf(world, 'notes') })
      await anna.follow(data.url)
      await bob.get('/v1/files/retrieve', { file_id: idOf(world, 'notes') })
      await anna.get('/v1/files/retrieve', { file_id: '7000000000000000001' })
      await anna.get('/v1/files/retrieve', { file_id: 'none' })
      const picture = { file_head: { file_type: 'png', biz_type: 1 }, data: 'iVBORw0KGgo=' }
      await anna.post('/api/bot/upload_file', picture)
      await anna.post('/api/bot/upload_file', { ...picture, data: '***' })
    },
  },
]
