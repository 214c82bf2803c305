// Rules for arrays: first what stands at given places, then the items.
import { isSchema } from '../../../../inference/json-schema/schema.ts'
import type { JsonSchema, SchemaObject } from '../../../../inference/json-schema/schema.ts'
import { narrowed } from './bounds.ts'
import { literal, nothing, optional, repeated, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import { comma } from './json-text.ts'
import type { Place, SchemaRules } from './schema-rules.ts'

/** A schema that names places and no items means a tuple: it gets all its places and nothing else, unless its counts say otherwise. */
export function arrayOf(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  if (schema.uniqueItems === true) rules.leaveUnchecked(place, 'uniqueItems')
  const least = Number(schema.minItems ?? 0)
  const most = schema.maxItems === undefined ? Infinity : Number(schema.maxItems)
  const inside = { ...place, nesting: place.nesting + 1 }
  const places = placesOf(schema, most, inside, rules)
  if (places.length < least && places.length < listOf(schema.prefixItems).length) return undefined
  const item = itemOf(schema, least > places.length, inside, rules)
  const spare = Math.max(0, least - places.length)
  const wanted = Math.max(spare, narrowed(rules.builder.bounds.items, place.nesting))
  const isWhole = places.length < listOf(schema.prefixItems).length
  const more = item === undefined || isWhole ? 0 : Math.max(0, Math.min(most - places.length, wanted))
  return sequence(literal('['), elements(places, item, spare, more), literal(']'))
}

/** Up to the first one that nothing fits. */
function placesOf(schema: SchemaObject, most: number, inside: Place, rules: SchemaRules): Expression[] {
  const places = listOf(schema.prefixItems).slice(0, most).map((one, index) => rules.of(one, { ...inside, path: `${inside.path}/prefixItems/${index}` }))
  const end = places.indexOf(undefined)
  return (end === -1 ? places : places.slice(0, end)) as Expression[]
}

function itemOf({ items, prefixItems }: SchemaObject, isNeeded: boolean, inside: Place, rules: SchemaRules): Expression | undefined {
  if (items === undefined && prefixItems !== undefined && !isNeeded) return undefined
  return rules.of(isSchema(items) ? items : true, { ...inside, path: `${inside.path}/items` })
}

function elements(places: readonly Expression[], item: Expression | undefined, least: number, most: number): Expression | undefined {
  if (most < least) return undefined
  if (places.length > 0) return sequence(...places.flatMap((one, index) => index === 0 ? one : [comma, one]), repeated(sequence(comma, item), least, most))
  if (most === 0) return nothing
  const listed = sequence(item, repeated(sequence(comma, item), Math.max(0, least - 1), most - 1))
  return least === 0 ? optional(listed) : listed
}

function listOf(schemas: unknown): readonly JsonSchema[] {
  return Array.isArray(schemas) ? schemas.filter(isSchema) : []
}
