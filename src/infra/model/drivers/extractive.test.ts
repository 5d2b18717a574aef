import { runConformance } from '../../../../test-kit/conformance.ts'
import { modelCases } from '../conformance.ts'
import { openModel } from '../open.ts'

runConformance('extractive:', modelCases, {
  open: async () => {
    const model = await openModel('extractive:')
    return { harness: { model }, close: () => model.close() }
  },
})
