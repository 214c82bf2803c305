import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { readServerEvents } from '../../src/http/server-events.ts'
import type { ReceivedEvent } from '../../src/http/server-events.ts'
import { enginePidOf } from '../support/registry.ts'
import { listen, post, ready, spawnSwitch, until } from '../support/service.ts'

const long = { prompt: 'Count from 1 to 100.', temperature: 0 }
const france = { prompt: 'What is the capital of France?', temperature: 0 }

async function expectFrance(url: string): Promise<void> {
  const response = await post(url, france)
  const body = await response.json() as { response: string }
  assert.equal(response.status, 200, JSON.stringify(body))
  assert.equal(body.response, 'The capital of France is Paris.')
}

test('an engine killed in mid-answer fails that stream with an error event, and the next request is answered', async (t) => {
  const { url, registry } = await listen(t)
  await ready(url)
  const firstPid = enginePidOf(registry)!
  const response = await post(url, { ...long, stream: true })
  const events: { event: string, data: unknown }[] = []
  for await (const event of readServerEvents(response.body!)) {
    if (events.push(event) === 1) process.kill(firstPid, 'SIGKILL')
  }
  const last = events.at(-1)!
  assert.equal(last.event, 'error')
  assert.equal((last.data as { code: string }).code, 'SWITCH_STREAM_INTERRUPTED')
  assert.equal((last.data as { attempts: { reason: string }[] }).attempts[0]!.reason, 'engine_died')
  assert.equal(events.filter(({ event }) => event === 'done').length, 0)
  await expectFrance(url)
  assert.notEqual(enginePidOf(registry), firstPid)
})

test('an engine killed during a JSON request gives a clean 503, and the next request is answered', async (t) => {
  const { url, registry } = await listen(t)
  await ready(url)
  const asking = post(url, { prompt: `Repeat after me: ${'red '.repeat(900)}`, temperature: 0 })
  await until(() => registry.backends[0]!.gate.state().running === 1)
  process.kill(enginePidOf(registry)!, 'SIGKILL')
  const response = await asking
  const body = await response.json() as { code: string, source: string }
  assert.equal(response.status, 503)
  assert.equal(body.code, 'SWITCH_ROUTE_UNAVAILABLE')
  assert.equal(body.source, 'degraded')
  await expectFrance(url)
})

test('a stopped engine (SIGSTOP) does not hold a request beyond its deadline', async (t) => {
  const { url, registry } = await listen(t)
  await ready(url)
  process.kill(enginePidOf(registry)!, 'SIGSTOP')
  const response = await post(url, { ...france, timeout_seconds: 0.5 })
  const body = await response.json() as { error: string, source: string }
  assert.equal(response.status, 503)
  assert.equal(body.error, 'Model took too long (>0.5s)')
  assert.equal(body.source, 'degraded_fallback')
})

test('a caller that hangs up while generating frees the slot for the next', async (t) => {
  const { url, registry } = await listen(t)
  await ready(url)
  const controller = new AbortController()
  const response = await post(url, { ...long, stream: true }, { signal: controller.signal })
  await response.body!.getReader().read()
  controller.abort()
  await expectFrance(url)
  assert.equal(registry.backends[0]!.gate.state().running, 0)
})

test('a caller that hangs up while waiting leaves the queue', async (t) => {
  const { url, registry } = await listen(t)
  const { gate } = registry.backends[0]!
  // While the model loads the first one holds the only slot.
  const first = post(url, france)
  const controller = new AbortController()
  const second = post(url, france, { signal: controller.signal })
  await until(() => gate.state().waiting === 1)
  controller.abort()
  await assert.rejects(second)
  await until(() => gate.state().waiting === 0)
  assert.equal((await first).status, 200)
})

test('requests that arrive while the model loads wait for it, and health says loading', async (t) => {
  const { url } = await listen(t)
  const health = await fetch(`${url}/switch/health`)
  const body = await health.json() as { status: string, reason: string, model: string, fallback_available: boolean }
  assert.equal(health.status, 503)
  assert.deepEqual([body.status, body.model, body.fallback_available], ['degraded', 'switch-tiny', false])
  assert.match(body.reason, /is loading/)
  await expectFrance(url)
})

test('SIGTERM during a generation lets it finish, refuses new connections and ends with code 0', async (t) => {
  const { url, child, exited } = await spawnSwitch(t)
  await ready(url)
  const response = await post(url, { ...long, stream: true })
  const events = readServerEvents(response.body!)
  await events.next()
  child.kill('SIGTERM')
  const last = await lastOf(events)
  assert.equal(last.event, 'done')
  assert.match((last.data as { response: string }).response, /99, 100$/)
  assert.equal(await exited, 0)
  await assert.rejects(fetch(`${url}/health`))
})

test('a generation that outlasts the grace period ends with an error, and the process with code 0', async (t) => {
  const { url, child, exited } = await spawnSwitch(t, { SWITCH_SHUTDOWN_GRACE: '0' })
  await ready(url)
  const response = await post(url, { prompt: 'Tell me a story about a dragon.', temperature: 2, stream: true })
  const events = readServerEvents(response.body!)
  await events.next()
  child.kill('SIGTERM')
  const last = await lastOf(events)
  assert.equal(last.event, 'error')
  assert.equal((last.data as { code: string }).code, 'SWITCH_SERVER_CLOSING')
  assert.equal(await exited, 0)
})

test('the engine process does not outlive a killed server', async (t) => {
  const { url, child } = await spawnSwitch(t)
  await ready(url)
  const enginePid = Number(spawnSync('ps', ['-o', 'pid=', '--ppid', String(child.pid)], { encoding: 'utf8' }).stdout.trim())
  assert.ok(enginePid > 0)
  child.kill('SIGKILL')
  await until(() => !isAlive(enginePid))
})

test('isolation none answers too', async (t) => {
  const { url, registry } = await listen(t, { HERMES_ISOLATION: 'none' })
  await expectFrance(url)
  assert.equal(enginePidOf(registry), process.pid)
})

test('a crash loop is told in health', async (t) => {
  const { url, registry } = await listen(t)
  for (let crash = 0; crash < 4; crash++) {
    await ready(url)
    const pid = enginePidOf(registry)!
    process.kill(pid, 'SIGKILL')
    await until(() => enginePidOf(registry) !== pid)
    await sleep(0)
  }
  const body = await until(async () => {
    const health = await (await fetch(`${url}/switch/health`)).json() as { status: string, reason?: string, backends: { restarts: number }[] }
    return health.status === 'degraded' && health
  })
  assert.match(body.reason!, /died 4 times in a row/)
  assert.equal(body.backends[0]!.restarts, 4)
})

async function lastOf(events: AsyncIterable<ReceivedEvent>): Promise<ReceivedEvent> {
  const all = await Array.fromAsync(events)
  return all.at(-1)!
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
