// Functions that a model may call, and which of them it is to call, in OpenAI's form.
import { z } from 'zod'
import type { Tool, ToolChoice } from '../../inference/request.ts'
import { flag, functionName, jsonObject, objectOf, wellFormed } from './fields.ts'
import type { Strictness } from './fields.ts'
import { present } from './present.ts'

export function toolsSchema(strictness: Strictness) {
  const object = objectOf(strictness)
  const called = object({ name: functionName, description: wellFormed.nullish(), parameters: jsonObject.nullish(), strict: flag.nullish() })
  const tool = object({ type: z.literal('function', 'must be function; custom and built-in tools are not supported'), function: called })
  return z.array(tool, 'must be a list of tools').max(128, 'must have at most 128 tools').transform((tools) => tools.map(toTool)).superRefine(checkNames)
}

/** none, auto, required, or one function by name. */
export function toolChoiceSchema(strictness: Strictness) {
  const object = objectOf(strictness)
  const rule = 'must be none, auto, required or {"type": "function", "function": {"name": "…"}}'
  const named = object({ type: z.literal('function'), function: object({ name: z.string() }) }).transform((choice) => ({ name: choice.function.name }))
  return z.union([z.enum(['none', 'auto', 'required']), named], rule) satisfies z.ZodType<ToolChoice>
}

/** Why the choice does not fit the tools; undefined when it does. */
export function choiceProblem(choice: ToolChoice | undefined, tools: readonly Tool[] = []): string | undefined {
  if (choice === undefined || choice === 'auto' || choice === 'none') return undefined
  if (tools.length === 0) return 'needs tools, and there are none'
  if (choice === 'required' || tools.some((tool) => tool.function.name === choice.name)) return undefined
  return `names the function ${JSON.stringify(choice.name)}, which is not among the tools`
}

function toTool({ type, function: { name, description, parameters, strict } }: { type: 'function', function: { name: string, description?: string | null | undefined, parameters?: Record<string, unknown> | null | undefined, strict?: boolean | null | undefined } }): Tool {
  return { type, function: { name, ...present({ description: description ?? undefined, parameters: parameters ?? undefined, strict: strict ?? undefined }) } }
}

function checkNames(tools: readonly Tool[], context: z.RefinementCtx): void {
  const names = tools.map((tool) => tool.function.name)
  for (const [index, name] of names.entries()) {
    if (names.indexOf(name) < index) context.addIssue({ code: 'custom', path: [index, 'function', 'name'], message: `is the name of an earlier tool too: ${name}` })
  }
}
