// The object that POST /v1/responses answers with, and that its stream begins and ends with.
import type { ErrorCode, SwitchError } from '../../../inference/errors.ts'
import type { InferenceResult, RunningInference } from '../../../inference/inference.ts'
import type { Usage } from '../../../inference/request.ts'
import { answeringModel, wholeUsage } from '../completion-frame.ts'
import type { CreateBody } from './create-body.ts'
import type { OutputItem } from './output-item.ts'

export type ResponseUsage = {
  input_tokens: number
  input_tokens_details: { cached_tokens: number }
  output_tokens: number
  output_tokens_details: { reasoning_tokens: number }
  total_tokens: number
}

/** What the request said, echoed; null where it said nothing. */
type Echo = ReturnType<typeof echoOf>

export type ResponseObject = Echo & {
  id: string
  object: 'response'
  /** Seconds since 1970. */
  created_at: number
  status: 'in_progress' | 'completed' | 'incomplete' | 'failed'
  /** `code` and `message` are OpenAI's. */
  error: { code: 'server_error', message: string, switch_code: ErrorCode, request_id: string } | null
  incomplete_details: { reason: 'max_output_tokens' } | null
  /** What really answers. */
  model: string
  output: readonly OutputItem[]
  usage: ResponseUsage | null
}

/** The object while its answer is made. */
export function begunResponse(inference: RunningInference, body: CreateBody, createdAtSeconds: number): ResponseObject {
  return {
    id: inference.id.replace(/^inf_/, 'resp_'), object: 'response', created_at: createdAtSeconds, status: 'in_progress', error: null, incomplete_details: null,
    model: answeringModel(inference), output: [], usage: null, ...echoOf(body)
  }
}

/** The object of a complete answer, or of one that met its token limit. */
export function endedResponse(begun: ResponseObject, output: readonly OutputItem[], { model, finishReason, usage }: InferenceResult): ResponseObject {
  const ended = { ...begun, model, output, usage: usageOf(usage) }
  return finishReason === 'length' ? { ...ended, status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' } } : { ...ended, status: 'completed' }
}

/** The object of an answer that broke off, with what came of it. */
export function failedResponse(begun: ResponseObject, output: readonly OutputItem[], { message, code }: SwitchError, requestId: string): ResponseObject {
  return { ...begun, status: 'failed', output, error: { code: 'server_error', message, switch_code: code, request_id: requestId } }
}

function echoOf(body: CreateBody) {
  return {
    background: false,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    text: { format: body.text?.format ?? { type: 'text' as const } },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map(({ name, description, parameters, strict }) => ({ type: 'function' as const, name, description: description ?? null, parameters: parameters ?? null, strict: strict ?? null })),
    top_p: body.top_p ?? null,
    truncation: 'disabled' as const
  }
}

function usageOf(usage: Usage): ResponseUsage {
  const { prompt_tokens, completion_tokens, total_tokens, prompt_tokens_details, completion_tokens_details } = wholeUsage(usage)
  return {
    input_tokens: prompt_tokens,
    input_tokens_details: prompt_tokens_details,
    output_tokens: completion_tokens,
    output_tokens_details: completion_tokens_details,
    total_tokens
  }
}
