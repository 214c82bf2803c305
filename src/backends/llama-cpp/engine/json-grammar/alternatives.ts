// Takes a schema apart into plain ones, without references and combinations, of which an answer fits at least one.
import { isSchema } from '../../../../inference/json-schema/schema.ts'
import type { JsonSchema, SchemaObject } from '../../../../inference/json-schema/schema.ts'
import type { References } from '../../../../inference/json-schema/references.ts'
import { merge } from './merge.ts'
import { UnusableSchema } from './unusable-schema.ts'

/** `level`: how many schemas that contain themselves lead here. `lost`: keywords that it leaves out. */
export type Alternative = { readonly schema: SchemaObject, readonly level: number, readonly lost: readonly string[] }

/** More combinations than these are left to the validator. */
const mostAlternatives = 64
/** Different answers of one `anyOf`, with those within it. */
const mostChoices = 2000

export class Alternatives {
  readonly #references: References
  readonly #deepest: number
  readonly #known = new Map<string, readonly Alternative[]>()

  constructor(references: References, deepest: number) {
    this.#references = references
    this.#deepest = deepest
  }

  /** None when nothing fits, or only what is nested too deep. */
  of(schema: JsonSchema, level: number, following: readonly string[] = []): readonly Alternative[] {
    if (typeof schema === 'boolean') return schema ? [{ schema: {}, level, lost: [] }] : []
    const { $ref, allOf, anyOf, oneOf, ...own } = schema
    const factors = [
      ...typeof $ref === 'string' ? [this.#referred($ref, level, following)] : [],
      ...listOf(allOf).map((part) => this.of(part, level, following)),
      ...Array.isArray(anyOf) ? [this.#anyOf(anyOf, level, following)] : [],
      ...Array.isArray(oneOf) ? [this.#anyOf(oneOf, level, following)] : []
    ]
    const lost = listOf(oneOf).length > 1 ? ['oneOf'] : []
    return factors.reduce(combined, [{ schema: plain(own), level, lost }])
  }

  #anyOf(parts: readonly unknown[], level: number, following: readonly string[]): readonly Alternative[] {
    const all = listOf(parts).flatMap((part) => this.of(part, level, following))
    const different = new Map(all.map((alternative) => [JSON.stringify(alternative), alternative]))
    if (different.size > mostChoices) throw new UnusableSchema(`offers more than ${mostChoices} choices in one anyOf or oneOf: offer fewer`)
    return [...different.values()]
  }

  #referred(ref: string, level: number, following: readonly string[]): readonly Alternative[] {
    const target = this.#references.resolve(ref)
    const isEndless = following.includes(ref)
    if (target === undefined || isEndless) return []
    const inside = this.#references.isRecursive(ref) ? level + 1 : level
    if (inside > this.#deepest) return []
    const key = `${inside} ${ref}`
    const known = this.#known.get(key) ?? this.of(target, inside, [...following, ref])
    this.#known.set(key, known)
    return known
  }
}

function combined(ours: readonly Alternative[], theirs: readonly Alternative[]): readonly Alternative[] {
  // One of ours with all of theirs would still be right, but the choice among ours would be lost.
  if (ours.length * theirs.length > mostAlternatives && ours.length > 1) {
    return ours.map((alternative) => ({ ...alternative, lost: [...alternative.lost, 'anyOf'] }))
  }
  return ours.flatMap((our) => theirs.flatMap((their) => {
    const merged = merge(our.schema, their.schema)
    if (merged === undefined) return []
    return { schema: merged.schema, level: Math.max(our.level, their.level), lost: [...new Set([...our.lost, ...their.lost, ...merged.lost])] }
  }))
}

function listOf(schemas: unknown): readonly JsonSchema[] {
  return Array.isArray(schemas) ? schemas.filter(isSchema) : []
}

/** `const` as an enum of one, OpenAPI's `nullable` as a type, the tuples of draft 7 as those of 2020-12. */
function plain({ const: only, nullable, additionalItems, ...schema }: SchemaObject): SchemaObject {
  const isTuple = Array.isArray(schema.items)
  const { items, ...others } = schema
  return {
    ...isTuple ? { ...others, prefixItems: items, ...additionalItems !== undefined && { items: additionalItems } } : schema,
    ...only !== undefined && { enum: [only] },
    ...nullable === true && schema.type !== undefined && { type: [schema.type, 'null'].flat() }
  }
}
