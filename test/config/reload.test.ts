// Reloading under the real `switch serve`: by SIGHUP, by a change of the file, with requests in flight, and with a bad file.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Environment } from '../../src/config/load.ts'
import { post, spawnSwitch, until } from '../support/service.ts'
import type { SwitchProcess } from '../support/service.ts'
import { yamlFile } from './support.ts'

const event = (choice: object) => `data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model: 'm', choices: [{ index: 0, ...choice }] })}\n\n`

/** A server in OpenAI's format that answers each request with its name in two parts; `hold` keeps it between them. */
async function upstream(t: TestContext, name: string, { isHeld = false } = {}): Promise<{ url: string, finish: () => void, held: () => number }> {
  const held: ServerResponse[] = []
  const end = (response: ServerResponse) => response.end(`${event({ delta: { content: ' end' } })}${event({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`)
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return response.writeHead(200, { 'Content-Type': 'application/json' }).end('{"data":[]}')
    response.writeHead(200, { 'Content-Type': 'text/event-stream' }).write(event({ delta: { content: name } }))
    if (isHeld) held.push(response)
    else end(response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, finish: () => held.splice(0).forEach(end), held: () => held.length }
}

const yamlFor = (name: string, url: string) => `backends: { ${name}: { type: openai, base_url: '${url}', model: m } }\nroutes: { default: [${name}] }\n`

const serve = (t: TestContext, path: string, environment: Environment = {}) => spawnSwitch(t, { HERMES_ENABLE: 'false', SWITCH_CONFIG: path, ...environment })

async function sourceOf(url: string): Promise<string> {
  const response = await post(url, { prompt: 'Hi' })
  const { response: text, source } = await response.json() as { response: string, source: string }
  assert.equal(response.status, 200)
  assert.equal(text, `${source} end`)
  return source
}

const reloads = ({ output }: SwitchProcess) => output().split('\n').filter((line) => line.includes('configuration reloaded'))

for (const how of ['SIGHUP', 'a change of the file'] as const) {
  test(`${how} exchanges the backends and drops no request in flight`, async (t) => {
    const old = await upstream(t, 'old', { isHeld: true })
    const next = await upstream(t, 'new')
    const path = yamlFile(t, yamlFor('old', old.url))
    const running = await serve(t, path)
    const inFlight = post(running.url, { prompt: 'Hi' })
    const streaming = await post(running.url, { prompt: 'Hi', stream: true })
    await until(() => old.held() === 2)
    if (how === 'SIGHUP') {
      // The file under the watch of the folder would do; a signal at once is faster than its quiet time.
      writeFileSync(path, yamlFor('new', next.url))
      running.child.kill('SIGHUP')
    } else {
      writeFileSync(`${path}.tmp`, yamlFor('new', next.url))
      renameSync(`${path}.tmp`, path)
    }
    const line = JSON.parse(await until(() => reloads(running)[0])) as Record<string, unknown>
    assert.deepEqual([line['added'], line['removed'], line['replaced'], line['kept']], [['new'], ['old'], [], []])
    assert.match(line['why'] as string, how === 'SIGHUP' ? /SIGHUP/ : /was changed/)
    assert.equal(await sourceOf(running.url), 'new')
    old.finish()
    const { response, source } = await (await inFlight).json() as { response: string, source: string }
    assert.deepEqual([response, source], ['old end', 'old'])
    assert.match(await streaming.text(), /event: done\n.*"response":"old end"/)
    const { backends } = await (await fetch(`${running.url}/switch/health`)).json() as { backends: { name: string }[] }
    assert.deepEqual(backends.map(({ name }) => name), ['new'])
    running.child.kill('SIGTERM')
    assert.equal(await running.exited, 0)
  })
}

test('a steady stream of requests meets no error while the file changes again and again', async (t) => {
  const servers = [await upstream(t, 'one'), await upstream(t, 'two')]
  const texts = [yamlFor('one', servers[0]!.url), yamlFor('two', servers[1]!.url)]
  const path = yamlFile(t, texts[0]!)
  const running = await serve(t, path)
  const over = new AbortController()
  const caller = async () => {
    const sources = new Set<string>()
    while (!over.signal.aborted) sources.add(await sourceOf(running.url))
    return sources
  }
  const callers = [caller(), caller(), caller(), caller()]
  for (let round = 1; round <= 6; round++) {
    writeFileSync(path, texts[round % 2]!)
    running.child.kill('SIGHUP')
    await until(() => reloads(running).length >= round)
  }
  over.abort()
  for (const sources of await Promise.all(callers)) assert.deepEqual([...sources].sort(), ['one', 'two'])
})

test('a bad file is refused with every problem, and the old configuration stays until the file is mended', async (t) => {
  const good = await upstream(t, 'good')
  const path = yamlFile(t, yamlFor('good', good.url))
  const running = await serve(t, path)
  writeFileSync(path, 'backends: { a: { type: openai, modell: m }, b: { type: x } }\n')
  await until(() => running.output().includes('is refused and the old one stays'))
  for (const problem of ['backends.a.model: expected', 'backends.a.modell: expected', 'backends.b.type: expected']) assert.ok(running.output().includes(problem), running.output())
  assert.equal(await sourceOf(running.url), 'good')
  writeFileSync(path, yamlFor('good', good.url).replace('model: m', 'model: n'))
  const line = JSON.parse(await until(() => reloads(running)[0])) as Record<string, unknown>
  assert.deepEqual(line['replaced'], ['good'])
  assert.equal(await sourceOf(running.url), 'good')
})

test('serve ends with code 2 and every problem when its file is bad at the start', (t) => {
  const launcher = fileURLToPath(new URL('../../bin/switch.js', import.meta.url))
  const { status, stderr } = spawnSync(process.execPath, [launcher, 'serve'], { encoding: 'utf8', env: { ...process.env, PORT: '0', SWITCH_CONFIG: yamlFile(t, 'backends: { a: { type: openai, modell: m } }\n') } })
  assert.equal(status, 2)
  assert.match(stderr, /has 2 problems:\n {2}backends\.a\.model: expected.*\n {2}backends\.a\.modell: /)
})
