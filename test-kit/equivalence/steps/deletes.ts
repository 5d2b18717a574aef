import { idOf, type Step } from '../world.ts'
import { ask, equip } from './search.ts'

const KNOWLEDGE = '/open_api/knowledge'

export const deleteSteps: readonly Step[] = [
  {
    name: 'documents go, and are not found any more',
    run: async (world) => {
      const { anna, bob } = world
      await equip(world, ['small'], { search_strategy: 1, top_k: 3, min_score: 0 })
      await ask(world, 'Where are the copper keys?')
      const gone = { document_ids: [idOf(world, 'notes.txt'), idOf(world, 'fact 1.txt')] }
      await bob.post(`${KNOWLEDGE}/document/delete`, gone)
      await anna.post(`${KNOWLEDGE}/document/delete`, { document_ids: [...gone.document_ids, '7000000000000000001'] })
      await anna.post(`${KNOWLEDGE}/document/delete`, gone)
      await ask(world, 'Where are the copper keys?')
      await anna.post(`${KNOWLEDGE}/document/list`, { dataset_id: idOf(world, 'small') })
      await anna.get('/v1/files/retrieve', { file_id: idOf(world, 'notes') })
    },
  },
  {
    name: 'datasets go',
    run: async (world) => {
      const { anna, bob, ids } = world
      await bob.delete(`/v1/datasets/${ids.small}`)
      await anna.delete(`/v1/datasets/${ids.small}`)
      await anna.delete(`/v1/datasets/${ids.small}`)
      await ask(world, 'Do elephants fear mice?')
      await anna.post(`${KNOWLEDGE}/document/list`, { dataset_id: idOf(world, 'small') })
      await anna.get('/v1/datasets', { space_id: idOf(world, "anna's space") })
      await anna.get(`/v1/bots/${ids.helper}`)
    },
  },
  {
    name: 'databases, conversations and agents go',
    run: async (world) => {
      const { anna, bob, ids } = world
      await bob.post('/api/memory/database/delete', { id: ids.stock })
      await anna.post('/api/memory/database/delete', { id: ids.stock })
      await anna.post('/api/memory/database/get_by_id', { id: ids.stock })
      await anna.post('/api/memory/database/list', { space_id: idOf(world, "anna's space") })
      await anna.delete(`/v1/conversations/${ids.talk}`)
      await anna.post('/v1/conversation/message/list', {}, { conversation_id: idOf(world, 'talk') })
      await bob.delete(`/v1/bots/${ids.helper}`)
      await anna.delete(`/v1/bots/${ids.helper}`)
      await anna.get(`/v1/bots/${ids.helper}`)
      await anna.get('/v1/conversation/retrieve', { conversation_id: idOf(world, 'other') })
      await anna.get('/v1/bots', { workspace_id: idOf(world, "anna's space"), publish_status: 'all' })
    },
  },
]
