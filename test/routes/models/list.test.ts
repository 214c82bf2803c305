// GET /switch/models: what runs, what could run, and what comes.
import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fakeBackend } from '../../support/backends.ts'
import { embeddedModel } from '../../support/engine.ts'
import { build, temporaryFolder } from '../../support/service.ts'

type Listing = { models: Record<string, unknown>[], available: { name: string, problem: string | null }[], downloads: unknown[] }

test('lists the model of each local backend with its numbers, and nothing of remote ones', async (t) => {
  const control = {
    details: () => ({ sizeBytes: 4_000_000_000, memoryNeed: { weightsMb: 4000, kvCacheMb: 300, buffersMb: 200, totalMb: 4500 }, keepAliveSeconds: 300 }),
    load: async () => undefined, unload: async () => undefined
  }
  const local = fakeBackend({ modelControl: control, maxConcurrent: 2, state: { status: 'loading', model: 'big', reason: 'Model big is loading.', loadProgress: 0.25, loadTimeMs: 9000, lastUsedAt: Date.UTC(2026, 0, 2) } })
  const app = await build(t, { env: { HERMES_MODEL_DIR: temporaryFolder(t) }, backends: [local, fakeBackend({ name: 'openai', kind: 'openai', source: 'openai', isLocal: false })] })
  const { models, downloads } = (await app.inject('/switch/models')).json<Listing>()
  assert.deepEqual(models, [{
    model: 'big', backend: 'hermes', framework: 'llama-cpp', state: 'loading', reason: 'Model big is loading.', loads_on_demand: false, load_progress: 0.25, next_model: null,
    size_bytes: 4_000_000_000, memory_need_mb: { weights: 4000, kv_cache: 300, buffers: 200, total: 4500 }, memory_usage_mb: null, context_length: 2048, slots: 2,
    keep_alive_seconds: 300, load_time_ms: 9000, loaded_at: null, last_used_at: '2026-01-02T00:00:00.000Z', running: 0, waiting: 0
  }])
  assert.deepEqual(downloads, [])
})

test('lists what lies in the folder, with what is wrong with it, and the model that ships with Switch', async (t) => {
  const folder = temporaryFolder(t)
  copyFileSync(embeddedModel, join(folder, 'mine.gguf'))
  writeFileSync(join(folder, 'empty.gguf'), '')
  const app = await build(t, { env: { HERMES_MODEL_DIR: folder } })
  const { available } = (await app.inject('/switch/models')).json<Listing>()
  assert.deepEqual(available.map(({ name, problem }) => [name, problem === null]), [['empty', false], ['mine', true], ['switch-tiny', true]])
})
