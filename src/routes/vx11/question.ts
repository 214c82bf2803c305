// A question of a VX11 service in the terms of the inference, and who asks it.
import { textOf } from '../../inference/message-text.ts'
import type { Message } from '../../inference/request.ts'
import type { QuestionBody } from './body.ts'
import { invalidField } from './invalid-field.ts'
import { isFields, isText, textIn } from './question-text.ts'
import type { Fields } from './question-text.ts'

export type Question = {
  /** The caller's last words. */
  readonly prompt: string
  readonly messages: readonly Message[]
  /** The service that asks. */
  readonly source: string | undefined
  readonly sessionId: string | undefined
  /** What the caller would like to have answer. */
  readonly hint: string | undefined
  readonly taskType: string | undefined
  readonly traceId: string | undefined
  readonly maxTokens: number | undefined
  readonly temperature: number | undefined
  readonly timeoutSeconds: number | undefined
}

/** Finds something in a body; undefined when it is not there. */
export type FindText = (body: QuestionBody) => string | undefined

/**
 * Reads a question.
 * @param find the text that is asked; by default the first one there is
 * @param instruct what the model is told beside it
 * @throws SwitchError when nothing is asked
 */
export function readQuestion(body: QuestionBody, { find = textIn, instruct }: { find?: FindText, instruct?: FindText }): Question {
  const { metadata } = body
  const messages = body.messages ?? asMessages(find(body))
  if (messages.at(-1)!.role === 'system') throw invalidField(`messages.${messages.length - 1}.role`, 'must be user in the last message')
  const context = metadata?.context_summary
  const told = [instruct?.(body), isText(context) ? `Said before, in short: ${context}` : undefined].filter((text) => text !== undefined)
  return {
    prompt: textOf(messages.at(-1)!),
    messages: told.length > 0 ? [{ role: 'system', content: told.join('\n') }, ...messages] : messages,
    source: nameOf(body.source) ?? nameOf(metadata?.source),
    sessionId: sessionOf(body),
    hint: nameOf(body.provider) ?? nameOf(body.provider_hint),
    taskType: taskTypeOf(body),
    traceId: metadata?.trace_id,
    maxTokens: body.max_tokens ?? metadata?.max_tokens,
    temperature: body.temperature,
    timeoutSeconds: body.timeout_seconds
  }
}

/** Takes a body that was found wrong too. */
export function taskTypeOf({ task_type: taskType, metadata }: Fields): string | undefined {
  return [taskType, isFields(metadata) ? metadata['task_type'] : undefined].find(isName)
}

/** The gateway puts the session of a task into its payload. Takes a body that was found wrong too. */
export function sessionOf({ session_id: sessionId, payload }: Fields): string | undefined {
  return [sessionId, isFields(payload) ? payload['session_id'] : undefined].find(isName)
}

function isName(value: unknown): value is string {
  return isText(value) && value.length <= 256
}

function asMessages(prompt: string | undefined): Message[] {
  if (prompt !== undefined) return [{ role: 'user', content: prompt }]
  throw invalidField('prompt', 'is missing; give prompt, message, messages, query, text or content')
}

function nameOf(text: string | undefined): string | undefined {
  return text?.trim().toLowerCase() || undefined
}
