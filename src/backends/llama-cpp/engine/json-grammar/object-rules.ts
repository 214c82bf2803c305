// Rules for objects: each property once, in the schema's order, and those that are not required or not.
import type { SchemaObject } from '../../../../inference/json-schema/schema.ts'
import { narrowed } from './bounds.ts'
import { choice, literal, nothing, optional, repeated, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import { comma } from './json-text.ts'
import { namedProperties, otherProperty } from './object-shape.ts'
import type { NamedProperty } from './object-shape.ts'
import type { Place, SchemaRules } from './schema-rules.ts'

/** Counting properties takes a rule for each property and count; beyond so many the validator counts. */
const mostCounted = 400

export function objectOf(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  const named = namedProperties(schema, place, rules)
  const other = otherProperty(schema, place, rules)
  const counts = countsOf(schema, named.length)
  if (counts === undefined) for (const keyword of ['minProperties', 'maxProperties']) if (schema[keyword] !== undefined) rules.leaveUnchecked(place, keyword)
  // The same other property twice counts as one.
  if (counts !== undefined && other !== undefined && counts.least > 1) rules.leaveUnchecked(place, 'minProperties')
  const others = narrowed(rules.builder.bounds.extraProperties, place.nesting)
  const inside = new Properties({ named, other, others, rules, ...counts ?? { least: 0, most: Infinity } }).from(0, 0)
  return sequence(literal('{'), inside, literal('}'))
}

type Counts = { readonly least: number, readonly most: number }

function countsOf({ minProperties, maxProperties }: SchemaObject, named: number): Counts | undefined {
  const counts = { least: Number(minProperties ?? 0), most: maxProperties === undefined ? Infinity : Number(maxProperties) }
  const highest = Math.max(counts.least, counts.most === Infinity ? 0 : Math.min(counts.most, named))
  return highest * (named + 1) > mostCounted ? undefined : counts
}

type PropertiesInput = Counts & { readonly named: readonly NamedProperty[], readonly other: Expression | undefined, readonly others: number, readonly rules: SchemaRules }

class Properties {
  readonly #input: PropertiesInput
  /** Counts above it make no difference. */
  readonly #highest: number
  readonly #known = new Map<string, Expression | undefined>()

  constructor(input: PropertiesInput) {
    this.#input = input
    this.#highest = Math.max(1, input.least, input.most === Infinity ? 0 : input.most)
  }

  /** What may follow when so many properties have been written and the next one to think of is `index`. */
  from(index: number, written: number): Expression | undefined {
    const key = `${index} ${written}`
    if (this.#known.has(key)) return this.#known.get(key)
    const whole = index === this.#input.named.length ? this.#end(written) : this.#step(index, written)
    const short = whole === undefined || whole === nothing ? whole : this.#input.rules.builder.addRule(whole)
    this.#known.set(key, short)
    return short
  }

  #step(index: number, written: number): Expression | undefined {
    const { pair, isRequired } = this.#input.named[index]!
    const taken = written >= this.#input.most ? undefined
      : sequence(written === 0 ? nothing : comma, pair, this.from(index + 1, Math.min(written + 1, this.#highest)))
    return isRequired ? taken : choice([taken, this.from(index + 1, written)])
  }

  #end(written: number): Expression | undefined {
    const { other, others, least, most } = this.#input
    const needed = Math.max(0, least - written)
    const possible = other === undefined ? 0 : Math.min(most - written, Math.max(others, needed))
    if (possible < needed) return undefined
    if (possible <= 0) return nothing
    if (written > 0) return repeated(sequence(comma, other), needed, possible)
    const listed = sequence(other, repeated(sequence(comma, other), Math.max(0, needed - 1), possible - 1))
    return needed === 0 ? optional(listed) : listed
  }
}
