import { AppError } from '../../base/errors.ts'
import {
  checkDefinition,
  checkDescription,
  columnOf,
  type Definition,
  primaryOf,
  refused,
  requirePrimary,
  type StoredIndex,
  toColumn,
  toIndex,
} from './definition.ts'
import type { TableLimits } from './limits.ts'
import { checkName, nameKey } from './names.ts'
import type { AlterStep } from './types.ts'

const MAX_STEPS = 500

type Context = { limits: TableLimits; newColumnId: () => Promise<string> }

function indexOf(definition: Definition, name: string): StoredIndex {
  const found = definition.indexes.find((index) => nameKey(index.name) === nameKey(checkName(name, 'an index')))
  if (found !== undefined) return found
  throw new AppError('not_found', `there is no index "${name}"`, { details: { index: name } })
}

/** An index loses the column; without columns it goes. */
function dropColumn(definition: Definition, name: string): void {
  const { id } = columnOf(definition, name)
  if (primaryOf(definition)?.columnIds.includes(id) === true)
    throw refused(`the column "${name}" is part of the primary key and cannot be dropped`)
  definition.columns = definition.columns.filter((column) => column.id !== id)
  for (const index of definition.indexes) index.columnIds = index.columnIds.filter((columnId) => columnId !== id)
  definition.indexes = definition.indexes.filter((index) => index.columnIds.length > 0)
}

async function take(definition: Definition, step: AlterStep, { limits, newColumnId }: Context): Promise<void> {
  switch (step.op) {
    case 'rename_table':
      definition.name = checkName(step.name, 'a table')
      return
    case 'describe_table':
      definition.description = checkDescription(step.description)
      return
    case 'add_column':
      definition.columns.push(toColumn(await newColumnId(), step.column))
      return
    case 'modify_column': {
      const { id } = columnOf(definition, step.name)
      const column = toColumn(id, step.column)
      definition.columns = definition.columns.map((old) => (old.id === id ? column : old))
      return
    }
    case 'rename_column':
      columnOf(definition, step.from).name = checkName(step.to, 'a column')
      return
    case 'drop_column':
      dropColumn(definition, step.name)
      return
    case 'add_index':
      definition.indexes.push(toIndex(definition, step.index, limits))
      return
    case 'drop_index': {
      const index = indexOf(definition, step.name)
      if (index.kind === 'primary') throw refused('the primary key cannot be dropped')
      definition.indexes = definition.indexes.filter((other) => other !== index)
      return
    }
    default:
      throw refused('the step of the change is unknown')
  }
}

function checkIndexes({ columns, indexes }: Definition): void {
  const json = columns.filter(({ type }) => type === 'json').map(({ id }) => id)
  if (indexes.some(({ columnIds }) => columnIds.some((id) => json.includes(id))))
    throw refused('a column that holds JSON takes no index')
}

/**
 * The definitions that the steps lead to, one after the other; the given one stays as it is. There is more than one
 * when a column's values are made or converted twice: the second time works on what the first has left.
 */
export async function altered(
  before: Definition,
  steps: readonly AlterStep[],
  context: Context,
): Promise<Definition[]> {
  if (steps.length === 0 || steps.length > MAX_STEPS) throw refused(`a change takes 1 to ${MAX_STEPS} steps`)
  const stages: Definition[] = []
  let definition = structuredClone(before)
  let made = new Set<string | undefined>()
  for (const step of steps) {
    const modified = step.op === 'modify_column' ? columnOf(definition, step.name).id : undefined
    if (modified !== undefined && made.has(modified)) {
      stages.push(definition)
      definition = structuredClone(definition)
      made = new Set()
    }
    await take(definition, step, context)
    requirePrimary(definition)
    checkDefinition(definition, context.limits)
    made.add(step.op === 'add_column' ? definition.columns.at(-1)?.id : modified)
  }
  for (const stage of [...stages, definition]) checkIndexes(stage)
  return [...stages, definition]
}
