// Rules for JSON of any shape, nested so deep and so wide.
import { narrowed } from './bounds.ts'
import { choice, literal, optional, repeated, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import type { GrammarBuilder } from './grammar-builder.ts'
import { anyBoolean, anyKey, anyNumber, character, colon, comma, quoted } from './json-text.ts'

export class AnyValue {
  readonly #builder: GrammarBuilder

  constructor(builder: GrammarBuilder) {
    this.#builder = builder
  }

  /** `depth`: how many arrays and objects are around it. */
  value(depth: number): Expression {
    const nested = depth < this.#builder.bounds.anyDepth ? [this.object(depth), this.#array(depth)] : []
    return this.#builder.addRule(choice([this.text(0, narrowed(this.#builder.bounds.textLength, depth))!, anyNumber, anyBoolean, '"null"', ...nested])!)
  }

  object(depth: number): Expression {
    const pair = sequence(this.key(), colon, this.value(depth + 1))
    return this.#builder.addRule(sequence(literal('{'), this.#listOf(pair!, depth), literal('}'))!)
  }

  key(): Expression {
    return this.#builder.addRule(anyKey)
  }

  /** A text of so many characters. */
  text(least: number, most: number): Expression | undefined {
    const inside = repeated(this.#builder.addRule(character), least, most)
    return inside === undefined ? undefined : this.#builder.addRule(quoted(inside))
  }

  #array(depth: number): Expression {
    return this.#builder.addRule(sequence(literal('['), this.#listOf(this.value(depth + 1), depth), literal(']'))!)
  }

  #listOf(item: Expression, depth: number): Expression {
    const most = narrowed(this.#builder.bounds.items, depth)
    return optional(sequence(item, repeated(sequence(comma, item), 0, most - 1)))
  }
}
