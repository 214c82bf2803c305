// switch infer: one question to the running service, or to one that lives as long as the question.
import { text } from 'node:stream/consumers'
import type { InferAnswer } from '../routes/infer.ts'
import type { ErrorBody } from '../http/error-rendering.ts'
import { createLogger } from '../observability/logger.ts'
import { startServer } from '../server.ts'
import { readConfig, readConfiguration, readEnvironment, serviceUrl, tokenHeaders } from './settings.ts'
import type { Environment } from '../config/load.ts'
import type { Config } from '../config/schema.ts'
import { readServerEvents } from '../http/server-events.ts'
import { isSwitch } from './running-service.ts'

export type InferOptions = { json?: boolean, system?: string, model?: string, maxTokens?: number, temperature?: number, timeout?: number, url?: string }

export async function infer(prompt: string, options: InferOptions): Promise<void> {
  const environment = readEnvironment()
  const config = readConfig(environment)
  const body = JSON.stringify({
    prompt: prompt === '-' ? await text(process.stdin) : prompt,
    system: options.system, model: options.model, max_tokens: options.maxTokens, temperature: options.temperature, timeout_seconds: options.timeout,
    stream: !options.json
  })
  const service = await findService(config, environment, options.url)
  try {
    const response = await fetch(new URL('/switch/infer', service.url), { method: 'POST', headers: { 'Content-Type': 'application/json', ...tokenHeaders(config) }, body })
    process.exitCode = response.ok ? await print(response, options.json ?? false) : fail(await response.json() as ErrorBody)
  } catch (error) {
    console.error(`The service at ${service.url} did not answer: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`)
    process.exitCode = 1
  } finally {
    await service.close()
  }
}

type Service = { url: string, close: () => Promise<void> }

/** The service that was named, or that runs, or a new one on a free port. */
async function findService(config: Config, environment: Environment, url: string | undefined): Promise<Service> {
  const running = url ?? serviceUrl(config)
  if (url !== undefined || await isSwitch(running)) return { url: running, close: async () => undefined }
  const quiet = await createLogger({ LOG_LEVEL: 'SILENT' })
  const { specs } = await readConfiguration(environment)
  return startServer({ ...config, HOST: '127.0.0.1', PORT: 0 }, quiet, specs)
}

/** Prints the answer and returns the exit code. */
async function print(response: Response, asJson: boolean): Promise<number> {
  if (asJson) {
    console.log(JSON.stringify(await response.json(), null, 2))
    return 0
  }
  for await (const { event, data } of readServerEvents(response.body!)) {
    if (event === 'delta') process.stdout.write((data as { text?: string }).text ?? '')
    else if (event === 'error') return fail(data as ErrorBody)
    else if (event === 'done') {
      const { model, latency_ms, usage, finish_reason } = data as InferAnswer
      process.stdout.write('\n')
      if (process.stderr.isTTY) console.error(`(${model}, ${usage.completion_tokens} tokens, ${latency_ms} ms, ${finish_reason})`)
      return 0
    }
  }
  console.error('\nThe stream ended without an end: the answer is incomplete.')
  return 1
}

function fail({ error, code }: ErrorBody): number {
  console.error(`${error} (${code})`)
  return code === 'SWITCH_REQUEST_INVALID' || code === 'SWITCH_ROUTE_UNKNOWN' ? 2 : 1
}
