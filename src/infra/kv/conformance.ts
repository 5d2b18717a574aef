import type { Case } from '../../base/conformance.ts'
import { collectionCases } from './conformance/collections.ts'
import type { KvHarness } from './conformance/harness.ts'
import { keyCases } from './conformance/keys.ts'
import { pipelineCases } from './conformance/pipelines.ts'
import { stringCases } from './conformance/strings.ts'

/** Every statement about the key-value store that a provider has to keep. */
export const kvCases: readonly Case<KvHarness>[] = [...stringCases, ...collectionCases, ...keyCases, ...pipelineCases]

// KV-62 (kill -9), KV-63 (one owner) and KV-64 (space) are about a provider's own process or files: see its test.
