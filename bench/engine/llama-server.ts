// llama.cpp's own server, under the same conditions as Switch.
import { spawn } from 'node:child_process'
import { Pool } from 'undici'
import { end, track, until } from '../support/child.ts'
import { freePort } from '../support/switch-process.ts'
import { readEvents } from './event-client.ts'
import type { BenchModel } from './models.ts'
import { chatText } from './prompts.ts'
import { expectTokens } from './subject.ts'
import type { Answer, Question, Service } from './subject.ts'

const contextLength = 2048

type Final = { tokens_predicted: number, tokens_evaluated: number }

/**
 * Each slot has a context of its own, as Switch's have. Its copies of prompts in memory are off, in its favour:
 * no prompt of a scenario comes back after another took its slot, and copying costs time.
 */
export async function startLlamaServer(program: string, model: BenchModel, slots: number): Promise<Service> {
  const port = await freePort()
  const child = track(spawn(program, [
    '-m', model.path, '-np', String(slots), '-c', String(slots * contextLength), '-t', String(model.threads), '-tb', String(model.threads),
    '--no-kv-unified', '--cache-ram', '0', '--no-webui', '--log-disable', '--host', '127.0.0.1', '--port', String(port)
  ], { stdio: 'ignore' }))
  const url = `http://127.0.0.1:${port}`
  await until(child, 'llama-server', async () => (await fetch(`${url}/health`)).ok)
  // llama-server now and then closes a connection just when the next question comes: each question has its own.
  const pool = new Pool(url, { pipelining: 0 })
  return {
    name: 'llama-server',
    pid: child.pid!,
    ask: (question) => ask(pool, question),
    stop: async () => {
      await pool.destroy()
      await end(child)
    }
  }
}

async function ask(pool: Pool, { messages, maxTokens, signal, onText }: Question): Promise<Answer> {
  const textTimes: number[] = []
  let text = ''
  let final: Final | undefined
  const startedAt = performance.now()
  await readEvents(pool, '/completion', { prompt: chatText(messages), n_predict: maxTokens, temperature: 0, ignore_eos: true, stream: true }, signal, (data, at) => {
    if (data['stop'] === true) final = data as Final
    if (data['content'] === '') return
    text += data['content'] as string
    textTimes.push(at)
    onText?.(textTimes.length)
  })
  if (final === undefined) throw new Error('llama-server ended its stream early')
  expectTokens('llama-server', final.tokens_predicted, maxTokens)
  if (Math.abs(textTimes.length - maxTokens) > 2) throw new Error(`llama-server sent ${maxTokens} tokens in ${textTimes.length} pieces. The comparison needs one a token.`)
  return { startedAt, textTimes, endedAt: performance.now(), tokens: maxTokens, promptTokens: final.tokens_evaluated, text, queuedMs: undefined }
}
