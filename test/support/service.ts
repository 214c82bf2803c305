// The service as tests use it: the app over fake backends, a server in this process, or the real command in its own.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import { pino } from 'pino'
import { buildApp } from '../../src/app.ts'
import type { Backend } from '../../src/backends/backend.ts'
import { withGate } from '../../src/backends/registry.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Environment } from '../../src/config/load.ts'
import { startServer } from '../../src/server.ts'
import type { RunningServer } from '../../src/server.ts'
import { fakeBackend } from './backends.ts'
import { assemble } from './registry.ts'

export const silentLogger = pino({ level: 'silent' })

/** A new empty folder, removed after the test. */
export function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'switch-test-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export type LogLine = Record<string, unknown>

/** The app over `backends`, for `inject`; `lines` collects its log. */
export async function build(t: TestContext, { env = {}, backends = [fakeBackend()] }: { env?: Environment, backends?: Backend[] } = {}): Promise<FastifyInstance & { lines: LogLine[] }> {
  const config = loadConfig(env)
  const lines: LogLine[] = []
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) })
  const registry = assemble(backends.map((backend) => withGate(backend, config)), config)
  const app = await buildApp({ config, registry, logger, version: '0.0.0', closing: new AbortController().signal })
  t.after(() => app.close())
  return Object.assign(app, { lines })
}

/** A listening server with the real engine and the embedded model, in this process; its engine in a child. */
export async function listen(t: TestContext, env: Environment = {}): Promise<RunningServer> {
  const folder = temporaryFolder(t)
  const config = loadConfig({ HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache'), ...env, PORT: '0' })
  const server = await startServer(config, silentLogger)
  t.after(() => server.close())
  return server
}

/** The real command in a process of its own. */
export type SwitchProcess = { url: string, child: ChildProcess, output: () => string, exited: Promise<number | null> }

/** Runs `switch serve` on a free port and waits until it is up. */
export async function spawnSwitch(t: TestContext, env: Environment = {}): Promise<SwitchProcess> {
  const folder = temporaryFolder(t)
  const launcher = fileURLToPath(new URL('../../bin/switch.js', import.meta.url))
  const child = spawn(process.execPath, [launcher, 'serve'], {
    env: { ...process.env, HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: join(folder, 'cache'), PORT: '0', ...env } as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe']
  })
  t.after(() => child.kill('SIGKILL'))
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => { output += text })
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const url = await until(() => /"url":"([^"]+)"/.exec(output)?.[1], () => `switch serve did not come up:\n${output}`)
  return { url, child, output: () => output, exited }
}

/** Polls until `probe` gives something; fails after 20 s with `explain`. */
export async function until<T>(probe: () => T | undefined | false | Promise<T | undefined | false>, explain: () => string = () => 'it did not happen within 20 s'): Promise<T> {
  const end = performance.now() + 20_000
  while (performance.now() < end) {
    const value = await probe()
    if (value !== undefined && value !== false) return value as T
    await sleep(20)
  }
  throw new Error(explain())
}

/** Waits until /switch/health says ok. */
export async function ready(url: string): Promise<Record<string, unknown>> {
  return until(async () => {
    const response = await fetch(`${url}/switch/health`)
    const body = await response.json() as Record<string, unknown>
    return response.ok && body
  }, () => `${url} did not become ready`)
}

/** POST /switch/infer with a JSON body. */
export function post(url: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${url}/switch/infer`, { method: 'POST', body: JSON.stringify(body), ...init, headers: { 'Content-Type': 'application/json', ...init.headers } })
}
