// Switch as its users run it, with one local model and no remote backend.
import { Pool } from 'undici'
import { startSwitch } from '../support/switch-process.ts'
import { readEvents } from './event-client.ts'
import type { BenchModel } from './models.ts'
import { expectTokens } from './subject.ts'
import type { Answer, Question, Service } from './subject.ts'

type Done = { response: string, usage: { prompt_tokens: number, completion_tokens: number }, attempts: { queued_ms: number }[], code?: string, message?: string }

export type SwitchService = Service & { /** The whole answer in one piece, without times. */ askAtOnce(question: Question): Promise<Answer> }

/** @param slots generations at once */
export async function startSwitchSubject(model: BenchModel, slots: number): Promise<SwitchService> {
  const { url, pid, stop } = await startSwitch({ hasLocalModel: true, env: settingsOf(model, slots) })
  const pool = new Pool(url)
  return {
    name: 'Switch',
    pid,
    ask: (question) => askStreamed(pool, question),
    askAtOnce: (question) => askAtOnce(pool, question),
    stop: async () => {
      await pool.destroy()
      await stop()
    }
  }
}

/** Without speculation, saved prompts and GPU: the other subjects have none of them. */
function settingsOf(model: BenchModel, slots: number): NodeJS.ProcessEnv {
  return {
    HERMES_MODEL_DIR: model.folder, HERMES_MODEL_NAME: model.file, HERMES_THREADS: String(model.threads),
    HERMES_MAX_CONCURRENT: String(slots), HERMES_CONTEXT_LENGTH: '2048', HERMES_MAX_TOKENS: '2048',
    HERMES_GPU: 'off', HERMES_SPECULATION: 'false', HERMES_PROMPT_CACHE_MB: '0', SWITCH_ROUTE: 'hermes'
  }
}

async function askStreamed(pool: Pool, { messages, maxTokens, signal, onText }: Question): Promise<Answer> {
  const textTimes: number[] = []
  let text = ''
  let done: Done | undefined
  const startedAt = performance.now()
  await readEvents(pool, '/switch/infer', bodyOf(messages, maxTokens, true), signal, (data, at) => {
    if (data['text'] === undefined) {
      done = data as Done
      return
    }
    text += data['text'] as string
    textTimes.push(at)
    onText?.(textTimes.length)
  })
  if (done?.usage !== undefined && text !== done.response) throw new Error('Switch streamed another text than it gave at the end.')
  return answerOf(done, startedAt, textTimes, maxTokens)
}

async function askAtOnce(pool: Pool, { messages, maxTokens }: Question): Promise<Answer> {
  const startedAt = performance.now()
  const reply = await pool.request({ method: 'POST', path: '/switch/infer', headers: { 'content-type': 'application/json' }, body: JSON.stringify(bodyOf(messages, maxTokens, false)) })
  const done = await reply.body.json() as Done
  return answerOf(done, startedAt, [], maxTokens)
}

function bodyOf(messages: Question['messages'], maxTokens: number, stream: boolean): object {
  return { messages, max_tokens: maxTokens, temperature: 0, timeout_seconds: 3600, stream }
}

function answerOf(done: Done | undefined, startedAt: number, textTimes: readonly number[], maxTokens: number): Answer {
  const endedAt = performance.now()
  if (done?.usage === undefined) throw new Error(`Switch did not answer: ${done?.code ?? 'the stream ended early'} ${done?.message ?? ''}`)
  expectTokens('Switch', done.usage.completion_tokens, maxTokens)
  return { startedAt, textTimes, endedAt, tokens: maxTokens, promptTokens: done.usage.prompt_tokens, text: done.response, queuedMs: done.attempts[0]?.queued_ms }
}
