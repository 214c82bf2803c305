// The grammars for answers in JSON: of a schema, or any object.
import type { JsonSchema } from '../../../../inference/json-schema/schema.ts'
import type { GrammarBounds } from './bounds.ts'
import { GrammarBuilder } from './grammar-builder.ts'

export type SchemaGrammar = {
  /** For `llama.createGrammar`. What it allows ends by itself. */
  readonly grammar: string
  /** Keywords with their paths that it does not enforce. */
  readonly unchecked: readonly string[]
}

/** Throws UnusableSchema when nothing can fit the schema, or its grammar would be too large. */
export function grammarOfSchema(schema: JsonSchema, bounds?: GrammarBounds): SchemaGrammar {
  const builder = new GrammarBuilder(bounds)
  const root = builder.addSchema(schema)
  return { grammar: builder.toString(root), unchecked: builder.unchecked }
}

/** For `json_object`. */
export const jsonGrammar: string = anyObjectGrammar()

function anyObjectGrammar(): string {
  const builder = new GrammarBuilder()
  return builder.toString(builder.addAnyObject())
}
