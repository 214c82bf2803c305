// Whether the schemas of a request can be kept to, asked before any backend is.
import { SwitchError } from './errors.ts'
import type { InferenceRequest } from './request.ts'

/** @throws SwitchError SWITCH_REQUEST_UNSUPPORTED that names every keyword in the way */
export async function checkSchemas(request: InferenceRequest): Promise<void> {
  const schemas = schemasOf(request)
  if (schemas.length === 0) return
  const { schemaProblems } = await import('./json-schema/schema-problems.ts')
  const problems = schemas.flatMap(({ field, schema }) => schemaProblems(schema, field))
  if (problems.length === 0) return
  const { path, keyword, reason } = problems[0]!
  throw new SwitchError('SWITCH_REQUEST_UNSUPPORTED', `The JSON schema at ${path} cannot be kept to: ${keyword}: ${reason}.`, {
    body: { details: problems.map((problem) => ({ path: problem.path, reason: `${problem.keyword}: ${problem.reason}` })) }
  })
}

/** The schemas and the fields that they stand in. */
function schemasOf({ responseFormat, tools = [] }: InferenceRequest): { field: string, schema: unknown }[] {
  const format = responseFormat?.type === 'json_schema' && responseFormat.json_schema.schema !== undefined ? [{ field: 'response_format.json_schema.schema', schema: responseFormat.json_schema.schema }] : []
  return [...format, ...tools.flatMap(({ function: { parameters } }, index) => parameters === undefined ? [] : [{ field: `tools.${index}.function.parameters`, schema: parameters }])]
}
