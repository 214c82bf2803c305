// scripts/setup_switch_models.sh, against a model hub on this machine.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { estimateMemory } from '../../src/models/memory-fit.ts'
import { readModelFacts } from '../../src/models/model-facts.ts'
import { gigabytes } from '../../src/models/size-rule.ts'
import { modelFile, sevenBillion } from '../support/gguf-file.ts'
import { startModelMirror } from '../support/model-mirror.ts'
import type { MirrorSettings, ModelMirror } from '../support/model-mirror.ts'
import { temporaryFolder } from '../support/service.ts'

const script = fileURLToPath(new URL('../../scripts/setup_switch_models.sh', import.meta.url))
const catalogue = readCatalogue()
const q2File = 'Hermes-2-Pro-Mistral-7B.Q2_K.gguf'

type Outcome = { code: number | null, stdout: string, stderr: string }

/** Runs the script in a folder that is not the project's. */
async function setUp(t: TestContext, args: string[], { url, ...env }: { url?: string, MODEL?: string } = {}): Promise<Outcome> {
  const child = spawn(script, args, {
    cwd: temporaryFolder(t), env: { PATH: [dirname(process.execPath), process.env['PATH']].join(delimiter), PORT: '1', HF_ENDPOINT: url ?? 'http://127.0.0.1:1', ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: 120_000, killSignal: 'SIGKILL'
  })
  const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>])
  return { code, stdout, stderr }
}

async function hub(t: TestContext, settings: MirrorSettings = {}): Promise<ModelMirror> {
  const mirror = await startModelMirror(settings)
  t.after(() => mirror.close())
  return mirror
}

/** Each file with its inode, so that a file written again is another one. */
function stateOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted().map((file) => `${file} ${lstatSync(join(folder, file)).ino}`)
}

const configurationOf = (folder: string) => JSON.parse(readFileSync(join(folder, '.config.json'), 'utf8'))

/** The sizes of the catalogue, and the memory that the header of a 7B model tells. */
async function expectTrueNumbers(t: TestContext, stdout: string): Promise<void> {
  for (const id of ['hermes-7b-q4', 'hermes-7b-q2']) assert.ok(stdout.includes(gigabytes(catalogue.models.find((entry) => entry.id === id)!.size_bytes!)), `${id}: ${stdout}`)
  const facts = await readModelFacts(modelFile(t, sevenBillion))
  const { totalMb } = estimateMemory(facts, { contextLength: 2048, slots: 1, batchSize: 128, kvCache: 'f16', hasFlashAttention: true, hasMmap: false, adapterBytes: 0 })
  assert.ok(stdout.includes(`${(totalMb / 1000).toFixed(1)} GB of memory, more than HERMES_MAX_MEMORY_MB=4096`), `${totalMb} MB`)
}

test('downloads the 7B model within the rule and makes it the default; a second run changes nothing', async (t) => {
  const mirror = await hub(t)
  const folder = join(temporaryFolder(t), 'a folder', 'models')
  const first = await setUp(t, [folder, '7b'], { url: mirror.url })
  assert.equal(first.code, 0, first.stderr)
  assert.deepEqual(readdirSync(folder).toSorted(), ['.config.json', q2File, 'README.md', 'ollama_models'].toSorted())
  assert.equal(configurationOf(folder).default_model, 'hermes-7b-q2')
  assert.ok(existsSync(join(folder, 'ollama_models', 'hermes7b.gguf')))
  await expectTrueNumbers(t, first.stdout)
  assert.match(first.stdout, /docker compose up -d/)
  assert.match(first.stdout, /http:\/\/localhost:8002\/switch\/infer/)
  const [state, asked] = [stateOf(folder), mirror.requests.length]
  const second = await setUp(t, [folder, '7b'], { url: mirror.url })
  assert.equal(second.code, 0, second.stderr)
  assert.match(second.stdout, /hermes-7b-q2 is there already/)
  assert.deepEqual(stateOf(folder), state)
  assert.equal(mirror.requests.length, asked)
})

test('when the download fails it says what could not be had, and leaves a folder in order', async (t) => {
  const { url } = await hub(t, { files: {} })
  const folder = join(temporaryFolder(t), 'models')
  const { code, stdout, stderr } = await setUp(t, [folder, '3b'], { url })
  assert.equal(code, 1)
  assert.match(stdout, /No 3B model meets the rule of 1 GB: hermes-3b-q4 has 2\.02 GB\. .*mini-1b-q4 \(0\.81 GB\)/)
  assert.match(stderr, /hermes-3b-q4 could not be had\. Run this again/)
  assert.match(stderr, /OPENAI_API_KEY is set, else from the demo model/)
  assert.deepEqual(readdirSync(folder).filter((file) => !file.startsWith('.Hermes')).toSorted(), ['.config.json', 'README.md', 'ollama_models'])
  assert.deepEqual(configurationOf(folder), { available_models: [], framework: 'llama-cpp' })
})

test('keeps a folder that has models, and their default', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'more'))
  for (const file of ['mine.gguf', 'hermes-3b-q4.gguf']) copyFileSync(embeddedModelPath(catalogue), join(folder, file))
  const any = await setUp(t, [folder])
  assert.equal(any.code, 0, any.stderr)
  assert.match(any.stdout, /There already: hermes-3b-q4 mine\. Nothing is downloaded/)
  const same = await setUp(t, [folder, '3b'])
  assert.equal(same.code, 0, same.stderr)
  assert.match(same.stdout, /hermes-3b-q4 is there already/)
  assert.equal('default_model' in configurationOf(folder), false)
})

test('a model that was insisted on is downloaded and becomes the default, by argument or by variable', async (t) => {
  const mirror = await hub(t)
  const folder = temporaryFolder(t)
  copyFileSync(embeddedModelPath(catalogue), join(folder, 'mine.gguf'))
  for (const [args, env] of [[['7b', 'hermes-7b-q4'], {}], [['7b'], { MODEL: 'hermes-7b-q2' }]] as const) {
    const { code, stderr } = await setUp(t, [folder, ...args], { url: mirror.url, ...env })
    assert.equal(code, 0, stderr)
    assert.equal(configurationOf(folder).default_model, 'MODEL' in env ? env.MODEL : args[1])
  }
})

test('wrong usage ends with 2 and touches nothing', async (t) => {
  const folder = join(temporaryFolder(t), 'models')
  const { code, stderr } = await setUp(t, [folder, '13b'])
  assert.equal(code, 2)
  assert.match(stderr, /The size is 7b or 3b, not 13b/)
  assert.equal(existsSync(folder), false)
  assert.equal((await setUp(t, ['--colour'])).code, 2)
  assert.match((await setUp(t, ['--help'])).stdout, /^Usage: /)
})
