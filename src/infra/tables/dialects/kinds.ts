import type { ColumnType } from '../types.ts'

/** What values of a column are, however large they may be. */
export const KINDS = {
  int: 'integer',
  bigint: 'integer',
  varchar: 'text',
  text: 'text',
  boolean: 'boolean',
  json: 'json',
  timestamp: 'timestamp',
  float: 'real',
  double: 'real',
} as const satisfies Record<ColumnType, string>
