import { z } from 'zod'
import { toSeconds } from '../../base/clock.ts'
import {
  type Access,
  CONDITIONS,
  type DatabaseView,
  FIELD_TYPES,
  type NewField,
  type RecordFilter,
} from '../../domain/database/types.ts'
import { Id } from '../wire.ts'

/** 1 draft, 2 online. */
export const TableType = z.coerce.number().int().min(1).max(2)
export const environmentOf = (tableType: number): 'draft' | 'online' => (tableType === 1 ? 'draft' : 'online')

const ACCESS: readonly Access[] = ['limited', 'read_only', 'full']
const RwMode = z.coerce.number().int().min(1).max(3)

const NewFieldWire = z.object({
  name: z.string().min(1).max(64),
  desc: z.string().max(500).default(''),
  type: z.coerce.number().int().min(1).max(5),
  must_required: z.boolean().default(false),
  /** Of a field that is there already; so is `alterId`. */
  id: Id.optional(),
  alterId: z.coerce.number().int().min(0).optional(),
})

/** What a database is made of, in requests. */
export const DatabaseBody = z.object({
  table_name: z.string().min(1).max(64),
  table_desc: z.string().max(2_000).default(''),
  icon_uri: z.string().max(512).optional(),
  field_list: z.array(NewFieldWire).max(100),
  rw_mode: RwMode.default(1),
  prompt_disabled: z.boolean().default(false),
})

export const toFields = (body: z.infer<typeof DatabaseBody>) => ({
  name: body.table_name,
  description: body.table_desc,
  access: ACCESS[body.rw_mode - 1] ?? 'limited',
  isPromptDisabled: body.prompt_disabled,
  fields: body.field_list.map(toField),
})

function toField({ id, alterId, ...field }: z.infer<typeof NewFieldWire>): NewField {
  const number = id === undefined ? alterId : Number(id)
  return {
    name: field.name,
    description: field.desc,
    type: FIELD_TYPES[field.type - 1] ?? 'text',
    isRequired: field.must_required,
    ...(number === undefined || number === 0 ? {} : { number }),
  }
}

const FieldWire = z.object({
  name: z.string(),
  desc: z.string(),
  type: z.number(),
  must_required: z.boolean(),
  id: z.number(),
  alterId: z.number(),
  is_system_field: z.boolean(),
})

export const DatabaseWire = z.object({
  id: Id,
  space_id: Id,
  project_id: z.string(),
  draft_id: Id,
  datamodel_table_id: Id,
  icon_uri: z.string(),
  icon_url: z.string(),
  table_name: z.string(),
  table_desc: z.string(),
  status: z.number(),
  creator_id: Id,
  create_time: z.number(),
  update_time: z.number(),
  field_list: z.array(FieldWire),
  actual_table_name: z.string(),
  rw_mode: z.number(),
  prompt_disabled: z.boolean(),
  is_visible: z.boolean(),
  is_added_to_bot: z.boolean(),
})

/** What the tables have besides the fields that people define. */
const SYSTEM_FIELDS: readonly z.infer<typeof FieldWire>[] = [
  { name: 'bstudio_id', desc: 'the id of the row', type: 2 },
  { name: 'bstudio_create_time', desc: 'when the row was written', type: 3 },
  { name: 'bstudio_connector_uid', desc: 'whose the row is', type: 1 },
  { name: 'bstudio_connector_id', desc: 'through which channel it came', type: 1 },
].map((field, i) => ({ ...field, must_required: true, id: -(i + 1), alterId: -(i + 1), is_system_field: true }))

export function fieldsWire(view: DatabaseView, withSystem: boolean): z.infer<typeof FieldWire>[] {
  const own = view.fields.map(({ name, description, type, isRequired, number }) => ({
    name,
    desc: description,
    type: FIELD_TYPES.indexOf(type) + 1,
    must_required: isRequired,
    id: number,
    alterId: number,
    is_system_field: false,
  }))
  return withSystem ? [...SYSTEM_FIELDS, ...own] : own
}

export const FieldList = z.array(FieldWire)

export function toDatabase(view: DatabaseView, withSystem = false): z.infer<typeof DatabaseWire> {
  const id = view.environment === 'draft' ? view.id : view.onlineId
  return {
    id,
    space_id: view.spaceId,
    project_id: '0',
    draft_id: view.id,
    datamodel_table_id: id,
    icon_uri: view.iconFileId ?? '',
    icon_url: view.iconUrl,
    table_name: view.name,
    table_desc: view.description,
    status: 1,
    creator_id: view.creatorId,
    create_time: toSeconds(view.createdAtMs),
    update_time: toSeconds(view.updatedAtMs),
    field_list: fieldsWire(view, withSystem),
    actual_table_name: view.name,
    rw_mode: ACCESS.indexOf(view.access) + 1,
    prompt_disabled: view.isPromptDisabled,
    is_visible: true,
    is_added_to_bot: view.isBound,
  }
}

/** The conditions that rows are looked up by; `logic` 1 all, 2 any; `operation` counts the list of operators from 1. */
export const FilterWire = z.object({
  logic: z.coerce.number().int().min(1).max(2).default(1),
  conditions: z
    .array(
      z.object({
        left: z.string().max(64),
        operation: z.coerce.number().int().min(1).max(CONDITIONS.length),
        right: z.string().max(5_000).default(''),
      }),
    )
    .max(50)
    .default([]),
})

export const toFilter = (filter: z.infer<typeof FilterWire> | undefined): RecordFilter | undefined =>
  filter && {
    any: filter.logic === 2,
    conditions: filter.conditions.map(({ left, operation, right }) => ({
      field: left,
      operator: CONDITIONS[operation - 1] ?? '=',
      value: right,
    })),
  }
