// One item of an answer as /v1/responses gives it.
import { randomUUID } from 'node:crypto'

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

export type OutputText = { readonly type: 'output_text', readonly text: string, readonly annotations: readonly [], readonly logprobs: readonly unknown[] }

export type OutputMessage = { readonly type: 'message', readonly id: string, readonly status: ItemStatus, readonly role: 'assistant', readonly content: readonly OutputText[] }

export type SummaryText = { readonly type: 'summary_text', readonly text: string }

/** Thoughts go out as a summary: the one form of them that every client shows. */
export type OutputReasoning = { readonly type: 'reasoning', readonly id: string, readonly status: ItemStatus, readonly summary: readonly SummaryText[] }

export type OutputCall = { readonly type: 'function_call', readonly id: string, readonly status: ItemStatus, readonly call_id: string, readonly name: string, readonly arguments: string }

export type OutputItem = OutputMessage | OutputReasoning | OutputCall

const prefixes = { message: 'msg', function_call: 'fc', function_call_output: 'fco', reasoning: 'rs', item_reference: 'ref' } as const

/** An id that tells its item's type, for example msg_ and 32 hexadecimal digits. */
export function newItemId(type: keyof typeof prefixes): string {
  return `${prefixes[type]}_${randomUUID().replaceAll('-', '')}`
}
