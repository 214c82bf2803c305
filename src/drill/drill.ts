// A drill: the user's own configuration on a shadow port, its remote backends played by a fake upstream that misbehaves.
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyBaseLogger } from 'fastify'
import { readServerEvents } from '../http/server-events.ts'
import type { Configuration } from '../config/configuration.ts'
import type { BackendSpec, OpenAiSpec, Specs } from '../config/specs.ts'
import { embeddedModelPath, readCatalogue } from '../models/catalogue.ts'
import type { ErrorBody } from '../http/error-rendering.ts'
import type { InferAnswer } from '../routes/infer.ts'
import { startServer } from '../server.ts'
import type { RunningServer } from '../server.ts'
import { drillCases, wordsBeforeFault } from './cases.ts'
import type { DrillCase } from './cases.ts'
import { startFakeUpstream } from './fake-upstream/server.ts'
import type { FakeUpstream } from './fake-upstream/server.ts'
import { judge } from './verdict.ts'
import type { Outcome, Verdict } from './verdict.ts'

export type DrillRow = { readonly name: string, readonly mode: 'stream' | 'plain', readonly durationMs: number, readonly attempts: string } & Verdict

export type DrillOptions = {
  /** True: the limits of the configuration as they are; false: silence is judged after a second. */
  readonly realTimes: boolean
  /** Called after each row. */
  readonly onRow?: (row: DrillRow) => void
  /** Default: all. */
  readonly cases?: readonly DrillCase[]
  /** How a question is put; default: POST /switch/infer. */
  readonly ask?: Ask
}

export type Question = { readonly prompt: string, readonly mode: DrillRow['mode'], readonly tokens: string | undefined, readonly timeoutSeconds: number }

export type Ask = (server: RunningServer, question: Question) => Promise<Outcome>

/** The model counts, and so does the upstream: an answer that goes on elsewhere must end as the same text. */
const last = 60
const answer = Array.from({ length: last }, (_, index) => String(index + 1)).join(', ')
const beginning = Array.from({ length: wordsBeforeFault }, (_, index) => String(index + 1)).join(', ')
const prompt = `Count from 1 to ${last}.`
const shortMs = 1000

/** Plays every case, streamed and plain. The service that runs, if any, is not touched. */
export async function drill({ config, specs }: Configuration, logger: FastifyBaseLogger, options: DrillOptions): Promise<DrillRow[]> {
  const [drilled, ...others] = drilledSpecs(specs)
  const stage = { config: { ...config, HOST: '127.0.0.1', PORT: 0 }, drilled: options.realTimes ? drilled : shortened(drilled), others: withEmbeddedModel(others) }
  const server = await startServer(stage.config, logger, stageSpecs(stage.drilled, stage.others, 'http://127.0.0.1:9/v1'))
  try {
    await localReady(server)
    const rows: DrillRow[] = []
    for (const drillCase of options.cases ?? drillCases) {
      for (const mode of ['stream', 'plain'] as const) {
        const row = await play(server, stage, drillCase, mode, options.ask ?? askHttp)
        rows.push(row)
        options.onRow?.(row)
      }
    }
    return rows
  } finally {
    await server.close()
  }
}

type Stage = { readonly config: Configuration['config'], readonly drilled: OpenAiSpec, readonly others: readonly BackendSpec[] }

async function play(server: RunningServer, { config, drilled, others }: Stage, drillCase: DrillCase, mode: DrillRow['mode'], ask: Ask): Promise<DrillRow> {
  const upstream = await startFakeUpstream({ answer })
  try {
    await upstream.setFault(drillCase.fault)
    // A new address makes a new backend, with a breaker that knows nothing; the local engine stays as it is.
    await server.registry.reload(stageSpecs(drilled, others, upstream.url))
    const outcome = await ask(server, { prompt, mode, tokens: config.SWITCH_TOKEN, timeoutSeconds: config.HERMES_TIMEOUT })
    const verdict = judge(drillCase, outcome, {
      answer, beginning, isNextKnown: others.some((spec) => spec.type === 'llama-cpp'), deadlineMs: config.HERMES_TIMEOUT * 1000,
      asked: upstream.requests.length, open: drillCase.hangs ? await stillOpen(upstream) : 0, source: drilled.name
    })
    const attempts = outcome.attempts.map(({ backend, outcome: how, reason }) => `${backend} ${reason ?? how}`).join(', ')
    return { name: drillCase.name, mode, durationMs: Math.round(outcome.durationMs), attempts, ...verdict }
  } finally {
    await upstream.close()
  }
}

/** The first remote backend of the default route, to be played, and what stands behind it. */
function drilledSpecs({ backends, routes }: Specs): [OpenAiSpec, ...BackendSpec[]] {
  const order = routes.find(({ name }) => name === 'default')?.backends ?? []
  const inOrder = order.flatMap((name) => backends.find((spec) => spec.name === name) ?? [])
  const remote = inOrder.find((spec) => spec.type === 'openai')
  const local = inOrder.filter((spec) => spec.type === 'llama-cpp').slice(0, 1)
  return [remote ?? standIn, ...local]
}

const standIn: OpenAiSpec = {
  type: 'openai', name: 'openai', baseUrl: '', apiKey: 'drill', organisation: undefined, model: 'drill', maxConcurrent: 64, thinkingStyle: 'none',
  limits: { timeoutMs: 20_000, firstTokenMs: 10_000, idleMs: 15_000 }, capabilities: { contextLength: undefined, tools: true, jsonSchema: true, vision: false, logprobs: true, rawPrompt: true }
}

/** The drill's answers are known only of the embedded model, and a second copy of a large one would not fit beside the first. */
function withEmbeddedModel(specs: readonly BackendSpec[]): BackendSpec[] {
  const catalogue = readCatalogue()
  return specs.map((spec) => spec.type === 'llama-cpp' ? { ...spec, choice: { name: catalogue.embedded.id, path: embeddedModelPath(catalogue), isEmbedded: true } } : spec)
}

function shortened(spec: OpenAiSpec): OpenAiSpec {
  return { ...spec, limits: { ...spec.limits, firstTokenMs: Math.min(spec.limits.firstTokenMs ?? Infinity, shortMs), idleMs: Math.min(spec.limits.idleMs ?? Infinity, shortMs) } }
}

function stageSpecs(drilled: OpenAiSpec, others: readonly BackendSpec[], url: string): Specs {
  const backends = [{ ...drilled, baseUrl: url }, ...others]
  return { backends, routes: [{ name: 'default', backends: backends.map(({ name }) => name), leftOut: [], isPrivate: false }] }
}

async function localReady({ registry }: RunningServer): Promise<void> {
  while (registry.backends.some(({ backend }) => backend.state().status === 'loading')) await sleep(50)
}

async function askHttp({ url }: RunningServer, { prompt: question, mode, tokens, timeoutSeconds }: Question): Promise<Outcome> {
  const startedAt = performance.now()
  const response = await fetch(`${url}/switch/infer`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(tokens && { 'X-VX11-Token': tokens.split(',')[0]!.trim() }) },
    body: JSON.stringify({ prompt: question, temperature: 0, timeout_seconds: timeoutSeconds, stream: mode === 'stream' })
  })
  const outcome = mode === 'stream' && response.ok ? await readStream(response) : readWhole(await response.json() as InferAnswer | ErrorBody)
  return { ...outcome, status: response.status, durationMs: performance.now() - startedAt }
}

/** Connections that are open after the time that closing them may take. */
async function stillOpen(upstream: FakeUpstream): Promise<number> {
  for (let waited = 0; waited < 500 && upstream.openConnections() > 0; waited += 20) await sleep(20)
  return upstream.openConnections()
}

type Said = Omit<Outcome, 'status' | 'durationMs'>

function readWhole(body: InferAnswer | ErrorBody): Said {
  if ('error' in body) return { text: '', isComplete: false, source: undefined, code: body.code, attempts: body.attempts ?? [] }
  return { text: body.response, isComplete: true, source: body.attempts.at(-1)?.backend, code: undefined, attempts: body.attempts }
}

/** What a streaming caller has put together: the deltas, not what `done` repeats. */
async function readStream(response: Response): Promise<Said> {
  let text = ''
  for await (const { event, data } of readServerEvents(response.body!)) {
    if (event === 'delta') text += (data as { text?: string }).text ?? ''
    else if (event === 'done') {
      const whole = readWhole(data as InferAnswer)
      return whole.text === text ? whole : { ...whole, text, isComplete: false }
    } else if (event === 'error') return { ...readWhole(data as ErrorBody), text }
  }
  return { text, isComplete: false, source: undefined, code: undefined, attempts: [] }
}
