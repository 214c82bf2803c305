// Which draft of JSON Schema a schema is written in, and the Ajv for it.
import { Ajv } from 'ajv'
import { Ajv2020 } from 'ajv/dist/2020.js'
import formatsPlugin from 'ajv-formats'
import { patternEngine } from './pattern.ts'
import { childrenOf } from './schema.ts'
import type { JsonSchema } from './schema.ts'

/** `allErrors` off: one problem is enough, and a long list of them costs. The precision lets 0.07 be a multiple of 0.01. */
const options = { strict: false, validateSchema: false, logger: false, multipleOfPrecision: 6, code: { regExp: patternEngine } } as const

/** A new one for each schema: an Ajv keeps all that it ever compiled. */
export function ajvFor(schema: JsonSchema): Ajv | Ajv2020 {
  const ajv = isDraft7(schema) ? new Ajv(options) : new Ajv2020(options)
  formatsPlugin.default(ajv)
  return ajv
}

/** By what it says, else by what it uses: 2020-12 knows neither lists of items nor dependencies. */
function isDraft7(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false
  if (typeof schema.$schema === 'string') return /draft-0[4-7]/.test(schema.$schema)
  return usesDraft7(schema)
}

function usesDraft7(schema: JsonSchema): boolean {
  if (typeof schema === 'boolean') return false
  if (Array.isArray(schema.items) || schema.additionalItems !== undefined || schema.dependencies !== undefined) return true
  return [...childrenOf(schema)].some(({ schema: child }) => usesDraft7(child))
}
