import type { Case } from '../../base/conformance.ts'
import { contentCases } from './conformance/content.ts'
import { keyCases } from './conformance/keys.ts'
import type { BlobHarness } from './conformance/kit.ts'
import { metaCases } from './conformance/meta.ts'

/** What every object store must do. */
export const blobCases: readonly Case<BlobHarness>[] = [...contentCases, ...keyCases, ...metaCases]

// Left out, because our interface makes them meaningless, or because they belong to the tests of one provider:
// BLOB-10 encoding, language and expires: nothing in Snug uses them, so an object does not have them.
// BLOB-14 "only when asked": tags always come with the rest.
// BLOB-24 more than 10,000 objects: BLOB-21 proves paging; the file store tests the number.
// BLOB-33 signed PUT: uploads go through Snug, which checks them.
// BLOB-38, BLOB-39, BLOB-40, BLOB-42 the folder, the crash, the full disk, the memory: drivers/file.test.ts.
// BLOB-43 head with a URL: ask signUrl.
// BLOB-46 default icons: there are none.
