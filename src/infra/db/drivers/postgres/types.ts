import type { CustomTypesConfig } from 'pg'

type Parse = (text: string) => unknown

/** Numbers without a point are exact at any length; the others are what JavaScript has for them. */
const parseNumeric: Parse = (text) => (/^-?\d+$/.test(text) ? BigInt(text) : Number(text))
const parseInteger: Parse = (text) => BigInt(text)
const parseBytes: Parse = (text) => new Uint8Array(Buffer.from(text.slice(2), 'hex'))
/** Times are written in UTC without saying so. */
const parseTime: Parse = (text) => text.replace(/\+00$/, '')

/** By the numbers that PostgreSQL gives its own types. */
const BY_OID: Readonly<Record<number, Parse>> = {
  16: (text) => (text === 't' ? 1n : 0n), // boolean
  17: parseBytes, // bytea
  20: parseInteger, // bigint
  21: parseInteger, // smallint
  23: parseInteger, // integer
  26: parseInteger, // oid
  700: (text) => Math.fround(Number(text)), // real
  701: Number, // double precision
  1184: parseTime, // timestamptz
  1700: parseNumeric, // numeric
}

const asText: Parse = (text) => text

/** How results are read: integers as `bigint`, other numbers as `number`, booleans as 1 and 0, all else as text. */
export const types: CustomTypesConfig = {
  getTypeParser: (oid: number) => BY_OID[oid] ?? asText,
} as CustomTypesConfig
