import { runConformance } from '../../../test-kit/conformance.ts'
import { tablesHarness } from '../../../test-kit/tables.ts'
import { temporaryFolder } from '../../../test-kit/tmp.ts'
import { tablesCases } from './conformance.ts'

runConformance('tables on sqlite', tablesCases, {
  features: new Set(['guarded.timeout']),
  open: async () => {
    const folder = await temporaryFolder()
    return tablesHarness('sqlite://./app.db', { home: folder.path, remove: folder.remove })
  },
})

runConformance('tables on sqlite in memory', tablesCases, { open: () => tablesHarness('sqlite://:memory:') })
