import type { ErrorCode } from '../../../../base/errors.ts'

/** DuckDB's errors carry no code: the kind stands at the start of the text. */
const BY_TEXT: readonly [RegExp, ErrorCode][] = [
  [/Could not set lock on file|Conflicting lock/, 'busy'],
  [
    /No space left on device|disk (is )?full|Out of Memory|failed to (offload|pin block)|could not allocate block/i,
    'resource_exhausted',
  ],
  [/not a valid DuckDB database|Corrupt|checksum|Serialization Error|database has been invalidated/i, 'corrupt'],
  [/Permission denied|Read-only file system/, 'permission_denied'],
  [/^INTERRUPT/, 'canceled'],
  [/^(IO Error|Connection Error)/, 'unavailable'],
]

/** The code of an error that DuckDB threw; `unknown` when its text says nothing known. */
export function classify(err: unknown): ErrorCode {
  if (!(err instanceof Error)) return 'unknown'
  return BY_TEXT.find(([pattern]) => pattern.test(err.message))?.[1] ?? 'unknown'
}
