// The rules for one JSON schema, from its alternatives down to its types.
import { References } from '../../../../inference/json-schema/references.ts'
import type { JsonSchema, SchemaObject } from '../../../../inference/json-schema/schema.ts'
import { Alternatives } from './alternatives.ts'
import type { Alternative } from './alternatives.ts'
import { AnyValue } from './any-value.ts'
import { arrayOf } from './array-rules.ts'
import { enumOf } from './enum-rules.ts'
import { choice } from './expression.ts'
import type { Expression } from './expression.ts'
import type { GrammarBuilder } from './grammar-builder.ts'
import { anyBoolean } from './json-text.ts'
import { typesOf } from './merge.ts'
import { integerOf, numberOf } from './number-rules.ts'
import { objectOf } from './object-rules.ts'
import { stringOf } from './string-rules.ts'

/** Where in a schema a rule is made. `level`: within so many schemas that contain themselves. `nesting`: within so many arrays. */
export type Place = { readonly level: number, readonly nesting: number, readonly path: string }

const neverEnforced = ['not', 'if', 'contains', 'dependentRequired', 'dependentSchemas', 'dependencies', 'unevaluatedProperties', 'unevaluatedItems', 'contentSchema']
/** For schemas that do not say their type. */
const typeOfKeyword: Readonly<Record<string, string>> = {
  properties: 'object', required: 'object', additionalProperties: 'object', patternProperties: 'object', propertyNames: 'object', minProperties: 'object', maxProperties: 'object',
  items: 'array', prefixItems: 'array', minItems: 'array', maxItems: 'array', uniqueItems: 'array', contains: 'array',
  pattern: 'string', format: 'string', minLength: 'string', maxLength: 'string',
  minimum: 'number', maximum: 'number', exclusiveMinimum: 'number', exclusiveMaximum: 'number', multipleOf: 'number'
}
const mostNesting = 5

export class SchemaRules {
  readonly builder: GrammarBuilder
  readonly any: AnyValue
  readonly #root: JsonSchema
  readonly #alternatives: Alternatives
  readonly #unchecked = new Set<string>()
  readonly #known = new Map<string, Expression | undefined>()

  constructor(builder: GrammarBuilder, root: JsonSchema) {
    this.builder = builder
    this.any = new AnyValue(builder)
    this.#root = root
    this.#alternatives = new Alternatives(new References(root), builder.bounds.recursion)
  }

  get unchecked(): readonly string[] {
    return [...this.#unchecked]
  }

  ofRoot(): Expression | undefined {
    return this.of(this.#root, { level: 0, nesting: 0, path: '#' })
  }

  /** Undefined when no value fits. */
  of(schema: JsonSchema, place: Place): Expression | undefined {
    const nesting = Math.min(place.nesting, mostNesting)
    const key = `${place.level} ${nesting} ${JSON.stringify(schema)}`
    if (this.#known.has(key)) return this.#known.get(key)
    const alternatives = this.#alternatives.of(schema, place.level)
    const whole = choice(alternatives.map((alternative) => this.#ofAlternative(alternative, { ...place, nesting, level: alternative.level })))
    const rule = whole === undefined ? undefined : this.builder.addRule(whole)
    this.#known.set(key, rule)
    return rule
  }

  leaveUnchecked(place: Place, keyword: string): void {
    this.#unchecked.add(`${place.path}/${keyword}`)
  }

  #ofAlternative({ schema, lost }: Alternative, place: Place): Expression | undefined {
    for (const keyword of [...lost, ...neverEnforced.filter((name) => schema[name] !== undefined)]) this.leaveUnchecked(place, keyword)
    if (Array.isArray(schema.enum)) return enumOf(schema, schema.enum, place, this)
    const types = schema.type === undefined ? hintedTypes(schema) : typesOf(schema.type)
    if (types.length === 0) return this.any.value(Math.min(place.nesting, this.builder.bounds.anyDepth))
    return choice(types.map((type) => this.#ofType(type, schema, place)))
  }

  #ofType(type: string, schema: SchemaObject, place: Place): Expression | undefined {
    switch (type) {
      case 'object': return objectOf(schema, place, this)
      case 'array': return arrayOf(schema, place, this)
      case 'string': return stringOf(schema, place, this)
      case 'integer': return integerOf(schema, place, this)
      case 'number': return numberOf(schema, place, this)
      case 'boolean': return anyBoolean
      case 'null': return '"null"'
      default: return undefined
    }
  }
}

function hintedTypes(schema: SchemaObject): string[] {
  return [...new Set(Object.keys(schema).flatMap((keyword) => typeOfKeyword[keyword] ?? []))]
}
