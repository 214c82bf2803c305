// Collects the rules of a grammar for llama.cpp, so that several schemas and texts make one.
import type { JsonSchema } from '../../../../inference/json-schema/schema.ts'
import { AnyValue } from './any-value.ts'
import { defaultBounds } from './bounds.ts'
import type { GrammarBounds } from './bounds.ts'
import type { Expression } from './expression.ts'
import { SchemaRules } from './schema-rules.ts'
import { UnusableSchema } from './unusable-schema.ts'

/** Characters of a grammar that still compiles in a fraction of a second. */
const longestGrammar = 1_000_000

export class GrammarBuilder {
  readonly bounds: GrammarBounds
  readonly #names = new Map<Expression, string>()
  readonly #unchecked: string[] = []
  #length = 0

  constructor(bounds: GrammarBounds = defaultBounds) {
    this.bounds = bounds
  }

  /** What the grammar does not enforce, as `#/path/keyword`: it is checked in the answer. */
  get unchecked(): readonly string[] {
    return this.#unchecked
  }

  /** A rule of its own for an expression; the same one for the same expression. @returns the rule's name */
  addRule(expression: Expression): string {
    const known = this.#names.get(expression)
    if (known !== undefined) return known
    const name = `r${this.#names.size}`
    this.#length += expression.length
    if (this.#length > longestGrammar) throw new UnusableSchema('is too large for a grammar: have fewer properties, enum values or nested schemas')
    this.#names.set(expression, name)
    return name
  }

  /** The JSON texts that fit a schema. @returns the rule's name. Throws UnusableSchema when there are none. */
  addSchema(schema: JsonSchema): string {
    const rules = new SchemaRules(this, schema)
    const expression = rules.ofRoot()
    if (expression === undefined) throw new UnusableSchema('cannot be fulfilled by any finite value: remove what contradicts itself or requires itself')
    this.#unchecked.push(...rules.unchecked)
    return this.addRule(expression)
  }

  /** Any JSON object. @returns the rule's name */
  addAnyObject(): string {
    return this.addRule(new AnyValue(this).object(0))
  }

  /** The whole grammar, whose answers are what the expression matches: rule names, literals of `literal()`, operators. */
  toString(root: Expression): string {
    const rules = [...this.#names].map(([expression, name]) => `${name} ::= ${expression}`)
    return [`root ::= ${root}`, ...rules, ''].join('\n')
  }
}
