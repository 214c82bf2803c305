// Against a real Ollama, where `ollama` is on PATH. It gets the embedded model from this repository and needs no network.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { embeddedModel } from '../../support/engine.ts'
import { temporaryFolder, until } from '../../support/service.ts'
import { backendAt, collect, hi, never } from './ollama.ts'

const installed = spawnSync('ollama', ['--version'], { encoding: 'utf8' })
const skip = installed.error === undefined ? false : `ollama is not on PATH (${installed.error.message}); install it from https://ollama.com to run this test`
const model = 'switch-test:latest'

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** `ollama serve` on a port and in a folder of its own, ended after the test. */
async function serve(t: TestContext): Promise<string> {
  const folder = temporaryFolder(t)
  const url = `http://127.0.0.1:${await freePort()}`
  const child = spawn('ollama', ['serve'], { env: { ...process.env, HOME: folder, OLLAMA_MODELS: folder, OLLAMA_HOST: url, OLLAMA_NO_CLOUD: '1' }, stdio: 'ignore' })
  t.after(async () => {
    child.kill()
    if (child.exitCode === null) await once(child, 'exit')
  })
  await until(() => fetch(`${url}/api/version`).then(({ ok }) => ok, () => false), () => 'ollama serve did not come up')
  return url
}

/** Puts the embedded model into Ollama; what is missing there when that cannot be. */
async function createModel(url: string): Promise<string | undefined> {
  const bytes = readFileSync(embeddedModel)
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const blob = await fetch(`${url}/api/blobs/${digest}`, { method: 'POST', body: bytes })
  assert.ok(blob.ok, await blob.text())
  const created = await fetch(`${url}/api/create`, { method: 'POST', body: JSON.stringify({ model, files: { 'switch-tiny.gguf': digest }, stream: false }) })
  const answer = await created.text()
  if (/binary not found/.test(answer)) return `this Ollama was built without its engine: ${answer}`
  assert.ok(created.ok, answer)
  return undefined
}

test('speaks with a real Ollama: from a model that is not there to an answer', { skip }, async (t) => {
  const url = await serve(t)
  const backend = backendAt(t, url, { model, contextLength: 512, maxTokens: 8 })
  await backend.probe(never)
  assert.equal((await collect(backend.generate(hi, never))).error?.reason, 'model_not_found')
  const missing = await createModel(url)
  if (missing !== undefined) return t.skip(missing)
  backend.start()
  await until(() => backend.state().status === 'ready', () => JSON.stringify(backend.state()))
  const { events, error } = await collect(backend.generate({ ...hi, temperature: 0 }, never))
  assert.equal(error, undefined)
  assert.ok(events.some(({ type }) => type === 'text'))
  assert.deepEqual(events.slice(-2).map(({ type }) => type), ['usage', 'finish'])
  const long = { ...hi, messages: [{ role: 'user' as const, content: 'word '.repeat(5000) }] }
  assert.equal((await collect(backend.generate(long, never))).error?.reason, 'context_length_exceeded')
})
