// The body of POST /v1/responses. Null is the same as absent; fields that Switch does not know are left alone.
import { z } from 'zod'
import type { Tool } from '../../../inference/request.ts'
import { flag, functionName, integer, jsonObject, orNull, refused, wellFormed } from '../../body/fields.ts'
import { present } from '../../body/present.ts'
import { choiceProblem } from '../../body/tools.ts'
import { reasoningEffort } from '../chat-schema.ts'
import { commonFields } from '../common-fields.ts'
import { inputSchema } from './input-item.ts'

const toolSchema = z.object({
  type: z.literal('function', { error: ({ input }) => `${JSON.stringify(input)} is not supported; the only tools are functions that the caller runs` }),
  name: functionName,
  description: orNull(wellFormed),
  parameters: orNull(jsonObject),
  strict: orNull(flag)
})

const choiceRule = 'must be none, auto, required or {"type": "function", "name": "…"}'
const namedChoice = z.object({ type: z.literal('function'), name: z.string() })
const toolChoiceSchema = z.union([z.enum(['none', 'auto', 'required']), namedChoice], choiceRule)

const formatSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text') }),
  z.object({ type: z.literal('json_object') }),
  z.object({ type: z.literal('json_schema'), name: functionName, description: orNull(wellFormed), schema: jsonObject, strict: orNull(flag) })
], 'must have a type of text, json_object or json_schema')

const fields = z.object({
  ...commonFields,
  input: inputSchema,
  instructions: orNull(wellFormed),
  previous_response_id: orNull(z.string('must be a text')),
  store: orNull(flag),
  max_output_tokens: orNull(integer(1, 10_000_000)),
  tools: orNull(z.array(toolSchema, 'must be a list of tools').max(128, 'must have at most 128 tools')),
  tool_choice: orNull(toolChoiceSchema),
  parallel_tool_calls: orNull(flag),
  text: orNull(z.object({ format: orNull(formatSchema) }, 'must be an object, for example {"format": {"type": "text"}}')),
  reasoning: orNull(z.object({ effort: orNull(reasoningEffort) }, 'must be an object, for example {"effort": "low"}')),
  include: orNull(z.array(z.string(), 'must be a list of texts')),
  top_logprobs: orNull(integer(0, 20)),
  metadata: orNull(z.record(z.string(), z.string('must be a text'), 'must be an object of texts')),
  truncation: orNull(z.literal('disabled', 'must be disabled: Switch never leaves out parts of a conversation. Shorten the input instead')),
  background: orNull(z.literal(false, 'must be false: Switch answers while the request is open. Use stream for long answers')),
  conversation: refused('is not supported. Go on from an earlier answer with previous_response_id'),
  prompt: refused('is not supported: Switch keeps no prompts. Send instructions and input')
}, { error: ({ code }) => code === 'invalid_type' ? 'The body must be a JSON object, for example {"model": "default", "input": "Hello"}' : undefined })

export const createBodySchema = fields.superRefine((body, context) => {
  const tools = toolsOf(body)
  for (const [index, { function: { name } }] of tools.entries()) {
    const isTwice = tools.findIndex((tool) => tool.function.name === name) < index
    if (isTwice) context.addIssue({ code: 'custom', path: ['tools', index, 'name'], message: `is the name of an earlier tool too: ${name}` })
  }
  const problem = choiceProblem(body.tool_choice, tools)
  if (problem !== undefined) context.addIssue({ code: 'custom', path: ['tool_choice'], message: problem })
})

export type CreateBody = z.output<typeof createBodySchema>

/** The tools in the domain's form, where what they are lies one level deeper. */
export function toolsOf({ tools = [] }: { tools?: z.output<typeof toolSchema>[] | undefined }): Tool[] {
  return tools.map(({ type, name, description, parameters, strict }) => ({ type, function: { name, ...present({ description, parameters, strict }) } }))
}
