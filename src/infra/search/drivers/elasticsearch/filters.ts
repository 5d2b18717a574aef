import type { DriverFilter, FieldType, IndexSpec } from '../../driver.ts'
import type { Json } from './http.ts'
import { columnOf, lengthOf, termOf } from './layout.ts'

const NOTHING: Json = { match_none: {} }

/** A filter in the server's language. */
export function filterQuery(filter: DriverFilter, spec: IndexSpec): Json {
  switch (filter.op) {
    case 'and':
      return filter.args.length === 0 ? { match_all: {} } : { bool: { filter: all(filter.args, spec) } }
    case 'or':
      return filter.args.length === 0 ? NOTHING : { bool: { should: all(filter.args, spec), minimum_should_match: 1 } }
    case 'not':
      return { bool: { must_not: [filterQuery(filter.arg, spec)] } }
    case 'ids':
      return { terms: { id: filter.ids } }
    default: {
      const type = spec.fields[filter.field]?.type
      return type === undefined ? NOTHING : leaf(filter, type)
    }
  }
}

const all = (filters: readonly DriverFilter[], spec: IndexSpec): Json[] => filters.map((arg) => filterQuery(arg, spec))

type Leaf = Exclude<DriverFilter, { op: 'and' | 'or' | 'not' | 'ids' }>

function leaf(filter: Leaf, type: FieldType): Json {
  const column = columnOf(filter.field, type)
  switch (filter.op) {
    case 'exists':
      return exists(filter.field, type)
    case 'in':
      return filter.values.length === 0 ? NOTHING : { terms: { [column]: filter.values.map(termOf) } }
    case 'range': {
      const bounds = (['gte', 'gt', 'lte', 'lt'] as const).flatMap((name) => {
        const value = filter[name]
        return value === undefined ? [] : [[name, termOf(value)] as const]
      })
      return bounds.length === 0 ? exists(filter.field, type) : { range: { [column]: Object.fromEntries(bounds) } }
    }
    case 'contains':
      // Without case it compares ASCII letters only, as everywhere.
      return { wildcard: { [column]: { value: `*${literal(filter.text)}*`, case_insensitive: true } } }
    case 'words':
      return { bool: { filter: filter.words.map((word) => ({ term: { [column]: word } })) } }
  }
}

/** A text field without any word is there, and has the length 0. */
const exists = (field: string, type: FieldType): Json => ({
  exists: { field: type === 'text' ? lengthOf(field) : columnOf(field, type) },
})

const literal = (text: string): string => text.replace(/[\\*?]/g, '\\$&')
