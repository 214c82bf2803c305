// One question at a time, asked as any caller would ask it.
import { batch, computed, signal } from '@preact/signals'
import { SwitchError, createClient } from '../../../client/index.js'
import type { InferAnswer, InferRequest } from '../../../client/client.d.ts'
import type { Attempt } from '../../../inference/receipt.ts'
import { forgetToken, token } from './token.ts'

export type Question = { prompt: string, system: string, model: string, maxTokens: string, temperature: string }

/** asking: nothing has come yet. */
export type Stage = 'idle' | 'asking' | 'streaming' | 'done' | 'stopped' | 'failed'

export const question = signal<Question>({ prompt: '', system: '', model: '', maxTokens: '', temperature: '' })
export const stage = signal<Stage>('idle')
export const text = signal('')
export const reasoning = signal('')
export const answer = signal<InferAnswer | undefined>(undefined)
export const problem = signal<string | undefined>(undefined)
/** The receipt of a failure, where it has one. */
export const failedAttempts = signal<readonly Attempt[]>([])
/** From the question to the first piece of the answer. */
export const firstTokenMs = signal<number | undefined>(undefined)
export const isRunning = computed(() => stage.value === 'asking' || stage.value === 'streaming')

let controller: AbortController | undefined

export async function ask(timeoutSeconds: number): Promise<void> {
  controller = new AbortController()
  const startedAt = performance.now()
  clear()
  const client = createClient({ url: new URL('.', location.href), timeoutMs: timeoutSeconds * 1000, ...token.value !== undefined && { token: token.value } })
  const stream = client.stream(bodyOf(question.value), { signal: controller.signal })
  try {
    for await (const delta of stream) {
      firstTokenMs.value ??= performance.now() - startedAt
      stage.value = 'streaming'
      if ('text' in delta) text.value += delta.text
      else if ('reasoning' in delta) reasoning.value += delta.reasoning
    }
    answer.value = await stream.result()
    stage.value = 'done'
  } catch (error) {
    fail(error)
  }
}

export function stop(): void {
  controller?.abort(new DOMException('Stopped', 'AbortError'))
}

function clear(): void {
  batch(() => {
    stage.value = 'asking'
    text.value = reasoning.value = ''
    answer.value = problem.value = firstTokenMs.value = undefined
    failedAttempts.value = []
  })
}

function fail(error: unknown): void {
  if (controller?.signal.aborted) return void (stage.value = 'stopped')
  const known = error instanceof SwitchError ? error : undefined
  if (known?.status === 401) forgetToken()
  batch(() => {
    stage.value = 'failed'
    problem.value = (error as Error).message
    failedAttempts.value = (known?.body?.attempts ?? []) as readonly Attempt[]
  })
}

function bodyOf({ prompt, system, model, maxTokens, temperature }: Question): InferRequest {
  return {
    prompt,
    ...system.trim() !== '' && { system },
    ...model !== '' && { model },
    ...maxTokens !== '' && { max_tokens: Number(maxTokens) },
    ...temperature !== '' && { temperature: Number(temperature) }
  }
}
