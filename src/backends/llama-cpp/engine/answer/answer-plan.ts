// What an answer may consist of besides free text, decided before its first token.
import type { InferenceRequest, ReasoningEffort, Tool } from '../../../../inference/request.ts'
import { grammarOfSchema, jsonGrammar } from '../json-grammar/grammar-of-schema.ts'
import type { ChatFormat, CallFormat, ThoughtFormat } from '../prompt/chat-format.ts'
import { Rejected } from '../rejected.ts'
import type { ReaderState } from './answer-reader.ts'
import { callsAfterOpening, callsOrJson } from './call-grammar.ts'

/** The share of the answer's tokens that may be thoughts. */
const thoughtShares: Partial<Record<ReasoningEffort, number>> = { minimal: 0.1, low: 0.25, medium: 0.5, high: 0.75 }

export type AnswerPlan = {
  /** Text between the template's opening of the turn and the answer: a thought that is opened, or left empty. */
  readonly lead: string
  /** Where the answer begins. */
  readonly state: ReaderState
  readonly thought: ThoughtFormat | undefined
  /** Share of the answer's tokens after which a thought is closed. */
  readonly thoughtShare: number
  readonly calls: { readonly format: CallFormat, readonly names: readonly string[] } | undefined
  /** What the answer, its thoughts apart, must follow; with `isFree` only calls must. */
  readonly grammar: string | undefined
  readonly isFree: boolean
  /** Text that the answer, after its thoughts, is made to begin with; the grammar begins behind it. */
  readonly beginning: string
}

export type PlanInput = {
  readonly request: InferenceRequest
  readonly format: ChatFormat
  /** True when the template has opened a thought. */
  readonly isThinking: boolean
}

/** Undefined: free text alone. */
export function planOf({ request, format, isThinking }: PlanInput): AnswerPlan | undefined {
  const tools = offeredTools(request)
  if (tools.length === 0 && request.responseFormat === undefined && format.thought === undefined) return undefined
  const constraint = constraintOf(request, format.calls, tools)
  return { ...thoughtsOf(request, format.thought, { isThinking, isConstrained: !constraint.isFree }), ...constraint }
}

/** Tools that the model is told of. */
export function offeredTools({ tools = [], toolChoice, rawPrompt }: InferenceRequest): readonly Tool[] {
  return toolChoice === 'none' || rawPrompt !== undefined ? [] : tools
}

type Constraint = Pick<AnswerPlan, 'calls' | 'grammar' | 'isFree' | 'beginning'>

function constraintOf({ toolChoice = 'auto', parallelToolCalls = true, responseFormat }: InferenceRequest, format: CallFormat, tools: readonly Tool[]): Constraint {
  const named = typeof toolChoice === 'object' ? tools.filter(({ function: { name } }) => name === toolChoice.name) : tools
  if (typeof toolChoice === 'object' && named.length === 0) throw new Rejected(`tool_choice names the function ${JSON.stringify(toolChoice.name)}, which is not among the tools. Name one of them.`)
  const input = { format, tools: named, isParallel: parallelToolCalls && typeof toolChoice !== 'object' }
  const calls = named.length === 0 ? undefined : { format, names: named.map(({ function: { name } }) => name) }
  const schema = responseFormat?.type === 'json_schema' ? responseFormat.json_schema.schema ?? {} : undefined
  if (calls !== undefined && toolChoice !== 'auto') return { calls, grammar: callsAfterOpening(input), isFree: false, beginning: format.opening }
  if (calls !== undefined && responseFormat) return { calls, grammar: callsOrJson(input, schema), isFree: false, beginning: '' }
  if (calls !== undefined) return { calls, grammar: callsAfterOpening(input), isFree: true, beginning: '' }
  return { calls, grammar: responseFormat && (schema === undefined ? jsonGrammar : grammarOfSchema(schema).grammar), isFree: responseFormat === undefined, beginning: '' }
}

type Thoughts = Pick<AnswerPlan, 'lead' | 'state' | 'thought' | 'thoughtShare'>

/** An answer that must keep to a form thinks only when asked to: its form begins with its first token. */
function thoughtsOf(request: InferenceRequest, thought: ThoughtFormat | undefined, { isThinking, isConstrained }: { isThinking: boolean, isConstrained: boolean }): Thoughts {
  const effort = request.reasoningEffort
  const thoughtShare = effort === undefined ? 1 : thoughtShares[effort] ?? 1
  if (thought === undefined) return { lead: '', state: 'text', thought, thoughtShare }
  const wish = request.thinking ?? (effort === undefined ? undefined : effort !== 'none')
  const goesOn = request.prefill !== undefined && request.prefill !== ''
  if (goesOn && request.prefill.trimStart().startsWith(thought.open)) return { lead: '', state: 'start', thought, thoughtShare }
  if (wish === false || goesOn || wish === undefined && isConstrained) return { lead: isThinking ? thought.closing : thought.opening + thought.closing, state: 'text', thought, thoughtShare }
  if (wish === true || thought.isUsual) return { lead: isThinking ? '' : thought.opening, state: 'thought', thought, thoughtShare }
  return { lead: '', state: isThinking ? 'thought' : 'start', thought, thoughtShare }
}
