import { idOf, type Step } from '../world.ts'

export const errorSteps: readonly Step[] = [
  {
    name: 'requests that are wrong',
    run: async (world) => {
      const { anna, guest } = world
      await anna.get('/v1/nothing')
      await anna.post('/v1/bot/create', '{"name":')
      await anna.post('/v1/bot/create', '[]')
      await anna.post('/v1/bot/create', { space_id: 'one', name: 7 })
      await anna.get('/v1/datasets', { space_id: idOf(world, "anna's space"), page_size: '100000' })
      await anna.get('/v1/datasets', { space_id: '9223372036854775808' })
      await anna.get('/v1/bots/99999999999999999999999')
      await guest.post('/v1/bot/create', { name: 'x' })
      await guest.post('/api/memory/database/list', {})
      await guest.get('/healthz')
    },
  },
]
