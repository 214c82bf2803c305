// The registry: what it makes of specs, and what a reload keeps, makes anew, and lets finish.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { pino } from 'pino'
import type { Backend } from '../../src/backends/backend.ts'
import { createRegistry, maker } from '../../src/backends/registry.ts'
import type { RegistryOptions } from '../../src/backends/registry.ts'
import { specsOf } from '../../src/config/configuration.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { BackendSpec, OllamaSpec, OpenAiSpec, RouteSpec, Specs } from '../../src/config/specs.ts'
import { MemoryBudget } from '../../src/models/memory-budget.ts'
import { memoryLimit } from '../../src/models/memory-limit.ts'
import { fakeBackend } from '../support/backends.ts'
import { embeddedModel } from '../support/engine.ts'
import { silentLogger, temporaryFolder, until } from '../support/service.ts'

const unlimited = { timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }
const config = loadConfig({})

function openAiSpec(name: string, fields: Partial<OpenAiSpec> = {}): OpenAiSpec {
  return {
    type: 'openai', name, baseUrl: 'http://127.0.0.1:9/v1', apiKey: undefined, organisation: undefined, model: 'm', limits: unlimited, maxConcurrent: 1,
    capabilities: { contextLength: undefined, tools: true, jsonSchema: true, vision: false, logprobs: true, rawPrompt: false }, thinkingStyle: 'none', ...fields
  }
}

const route = (name: string, ...backends: string[]): RouteSpec => ({ name, backends, leftOut: [], isPrivate: false })

/** Specs of openai backends; `b=2` is backend b with model 2. All on the default route. */
function specsFor(...names: string[]): Specs {
  const backends = names.map((name) => openAiSpec(name.split('=')[0]!, { model: name.split('=')[1] ?? '1' }))
  return { backends, routes: [route('default', ...backends.map(({ name }) => name))] }
}

/** A registry of fake backends, with what was made and closed, in order. */
async function registryOf(t: TestContext, specs: Specs, options: Partial<RegistryOptions> = {}) {
  const made: string[] = []
  const closed: string[] = []
  const make = async (spec: BackendSpec): Promise<Backend> => {
    const id = spec.type === 'openai' ? `${spec.name}=${spec.model}` : spec.name
    if (id.endsWith('broken')) throw new Error('it cannot be made')
    made.push(id)
    return { ...fakeBackend({ name: spec.name }), close: async () => void closed.push(id) }
  }
  const registry = await createRegistry({ config, specs, log: silentLogger, make, ...options })
  t.after(() => registry.close())
  return { registry, made, closed }
}

const never = new AbortController().signal

test('makes every backend and the routes over them', async (t) => {
  const { registry, made } = await registryOf(t, { backends: specsFor('a', 'b').backends, routes: [route('default', 'b', 'a'), route('empty')] })
  assert.deepEqual(made, ['a=1', 'b=1'])
  assert.deepEqual(registry.backends.map(({ backend }) => backend.name), ['a', 'b'])
  assert.deepEqual([...registry.routes].map(([name, targets]) => [name, targets.map(({ backend }) => backend.name)]), [['default', ['b', 'a']], ['empty', []]])
  assert.equal(registry.routes.get('default')![1], registry.backends[0])
})

test('a reload keeps what is unchanged, with its gate, and tells what changed', async (t) => {
  const { registry, made, closed } = await registryOf(t, specsFor('a', 'b', 'c'))
  const [a, b] = registry.backends
  const change = await registry.reload(specsFor('a', 'b=2', 'd'))
  assert.deepEqual(change, { added: ['d'], removed: ['c'], replaced: ['b'], kept: ['a'] })
  assert.deepEqual(made, ['a=1', 'b=1', 'c=1', 'b=2', 'd=1'])
  assert.equal(registry.backends[0], a)
  assert.notEqual(registry.backends[1], b)
  await until(() => closed.length === 2)
  assert.deepEqual(closed.sort(), ['b=1', 'c=1'])
})

test('a reload without a change keeps everything', async (t) => {
  const { registry, closed } = await registryOf(t, specsFor('a', 'b'))
  const before = registry.backends
  assert.deepEqual(await registry.reload(specsFor('a', 'b')), { added: [], removed: [], replaced: [], kept: ['a', 'b'] })
  assert.deepEqual(registry.backends, before)
  assert.equal(closed.length, 0)
})

test('a reload keeps a local backend that was given the model that is now the default, and replaces one that was given another', async (t) => {
  const folder = temporaryFolder(t)
  for (const name of ['one', 'two']) copyFileSync(embeddedModel, join(folder, `${name}.gguf`))
  const settings = loadConfig({ HERMES_MODEL_DIR: folder, SWITCH_CACHE_DIR: folder })
  const specsWith = (name: string) => {
    writeFileSync(join(folder, '.config.json'), JSON.stringify({ default_model: name }))
    return specsOf(settings)
  }
  const registry = await createRegistry({ config: settings, specs: specsWith('one'), log: silentLogger })
  t.after(() => registry.close())
  await registry.backends[0]!.backend.modelControl!.load('two')
  assert.deepEqual((await registry.reload(specsWith('two'))).kept, ['hermes'])
  assert.deepEqual((await registry.reload(specsWith('one'))).replaced, ['hermes'])
  assert.equal(registry.backends[0]!.backend.state().model, 'one')
})

test('routes alone can change', async (t) => {
  const { registry, made } = await registryOf(t, specsFor('a', 'b'))
  await registry.reload({ ...specsFor('a', 'b'), routes: [route('other', 'b')] })
  assert.deepEqual([...registry.routes.keys()], ['other'])
  assert.equal(registry.routes.get('other')![0], registry.backends[1])
  assert.deepEqual(made, ['a=1', 'b=1'])
})

test('a dropped backend leaves the routes at once and is closed when nothing runs or waits at its gate', async (t) => {
  const { registry, closed } = await registryOf(t, specsFor('a', 'b'))
  const { gate } = registry.backends[0]!
  const running = await gate.acquire(0, never)
  const waiting = gate.acquire(0, never)
  await registry.reload(specsFor('b'))
  assert.deepEqual(registry.routes.get('default')!.map(({ backend }) => backend.name), ['b'])
  assert.equal(closed.length, 0)
  running.release()
  const second = await waiting
  assert.equal(closed.length, 0)
  second.release()
  await until(() => closed.includes('a=1'))
})

test('a dropped backend stays open for a request that came before, which may still fall back to it', async (t) => {
  const { registry, closed } = await registryOf(t, specsFor('a', 'b'))
  const release = registry.hold()
  await registry.reload(specsFor('a'))
  const releaseLater = registry.hold()
  await registry.reload(specsFor('a=2'))
  assert.equal(closed.length, 0)
  release()
  await until(() => closed.includes('b=1'))
  assert.deepEqual(closed, ['b=1'])
  releaseLater()
  await until(() => closed.includes('a=1'))
})

test('a dropped backend is closed after the drain time, whatever still runs, and the log says so', async (t) => {
  const lines: string[] = []
  const log = pino({}, { write: (line: string) => void lines.push(line) })
  const { registry, closed } = await registryOf(t, specsFor('a'), { drainMs: 60, log })
  await registry.backends[0]!.gate.acquire(0, never)
  await registry.reload(specsFor('b'))
  await until(() => closed.includes('a=1'))
  assert.match(lines.join(''), /"backend":"a".*requests still use it/)
})

test('when a backend cannot be made nothing changes, and what was made for it is closed', async (t) => {
  const { registry, closed } = await registryOf(t, specsFor('a'))
  const before = [registry.backends, registry.routes]
  await assert.rejects(registry.reload(specsFor('b', 'c=broken')), /it cannot be made/)
  assert.deepEqual([registry.backends, registry.routes], before)
  assert.deepEqual(closed, ['b=1'])
  assert.deepEqual((await registry.reload(specsFor('a', 'b'))).added, ['b'])
})

test('reloads that overlap run one after the other; the last one counts', async (t) => {
  const { registry, made } = await registryOf(t, specsFor('a'))
  const changes = await Promise.all([registry.reload(specsFor('a', 'b')), registry.reload(specsFor('b', 'c'))])
  assert.deepEqual(changes.map(({ added, kept }) => [added, kept]), [[['b'], ['a']], [['c'], ['b']]])
  assert.deepEqual(made, ['a=1', 'b=1', 'c=1'])
})

test('close ends every backend at once, also those still draining; a later reload is refused', async (t) => {
  const { registry, closed } = await registryOf(t, specsFor('a', 'b'))
  await registry.backends[0]!.gate.acquire(0, never)
  await registry.reload(specsFor('b'))
  await registry.close()
  assert.deepEqual(closed.sort(), ['a=1', 'b=1'])
  await assert.rejects(registry.reload(specsFor('c')), /shutting down/)
  assert.ok(closed.includes('c=1'))
})

test('makes each kind as its spec says', async (t) => {
  const server = createServer((_request, response) => response.writeHead(500).end('{}')).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  const { port } = server.address() as { port: number }
  const ollama: OllamaSpec = { type: 'ollama', name: 'hermes', source: 'local_hermes', baseUrl: `http://127.0.0.1:${port}`, model: 'hermes3:3b', contextLength: 1024, maxTokens: 9, temperature: 0, keepAliveSeconds: -1, limits: { ...unlimited, timeoutMs: 3000 }, maxConcurrent: 2 }
  const remote = openAiSpec('vllm', { limits: { timeoutMs: 1, firstTokenMs: 2, idleMs: 3 }, maxConcurrent: 7, capabilities: { contextLength: 512, tools: false, jsonSchema: false, vision: true, logprobs: false, rawPrompt: false } })
  const { backends: [missing] } = specsOf(loadConfig({ HERMES_MODEL_DIR: temporaryFolder(t), HERMES_MODEL_NAME: 'absent' }))
  const make = maker(silentLogger, new MemoryBudget(memoryLimit(config.HERMES_MAX_MEMORY_MB)))
  const made = await Promise.all([remote, ollama, missing!].map(make))
  t.after(() => Promise.all(made.map((backend) => backend.close())))
  assert.deepEqual(made.map(({ name, kind, source, isLocal, maxConcurrent, limits }) => ({ name, kind, source, isLocal, maxConcurrent, limits })), [
    { name: 'vllm', kind: 'openai', source: 'vllm', isLocal: true, maxConcurrent: 7, limits: { timeoutMs: 1, firstTokenMs: 2, idleMs: 3 } },
    { name: 'hermes', kind: 'ollama', source: 'local_hermes', isLocal: true, maxConcurrent: 2, limits: { ...unlimited, timeoutMs: 3000 } },
    { name: 'hermes', kind: 'llama-cpp', source: 'local_hermes', isLocal: true, maxConcurrent: 1, limits: unlimited }
  ])
  assert.deepEqual(made[0]!.capabilities, { contextLength: 512, tools: false, jsonSchema: false, prefill: false, vision: true, logprobs: false, rawPrompt: false })
  assert.deepEqual([made[0]!.state().model, made[1]!.state().model, made[2]!.state().status], ['m', 'hermes3:3b', 'failed'])
})
