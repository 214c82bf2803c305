// The form that an answer is to have, in OpenAI's words.
import { z } from 'zod'
import type { ResponseFormat } from '../../inference/request.ts'
import { flag, functionName, jsonObject, objectOf, wellFormed } from './fields.ts'
import type { Strictness } from './fields.ts'
import { present } from './present.ts'

/** Undefined: free text. */
export function responseFormatSchema(strictness: Strictness) {
  const object = objectOf(strictness)
  const jsonSchema = object({ name: functionName, description: wellFormed.nullish(), schema: jsonObject.nullish(), strict: flag.nullish() })
  return z.discriminatedUnion('type', [
    object({ type: z.literal('text') }).transform(() => undefined),
    object({ type: z.literal('json_object') }).transform((format): ResponseFormat => format),
    object({ type: z.literal('json_schema'), json_schema: jsonSchema }).transform(({ type, json_schema: { name, schema, strict } }): ResponseFormat => {
      return { type, json_schema: { name, ...present({ schema: schema ?? undefined, strict: strict ?? undefined }) } }
    })
  ], 'must have a type of text, json_object or json_schema')
}
