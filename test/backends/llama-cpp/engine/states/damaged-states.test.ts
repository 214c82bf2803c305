import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, readdir, rename, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import { crc32 } from 'node:zlib'
import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import { SavedStates } from '../../../../../src/backends/llama-cpp/engine/states/saved-states.ts'
import { encodeTrailer } from '../../../../../src/backends/llama-cpp/engine/states/state-trailer.ts'
import { continuation, hold, openSequences } from '../../../../support/sequences.ts'
import type { Sequences } from '../../../../support/sequences.ts'

let opened: Sequences
let first: LlamaContextSequence
let second: LlamaContextSequence
let prompt: Token[]
let question: Token[]
before(async () => {
  opened = await openSequences(3)
  ;[first, second] = opened.sequences as [LlamaContextSequence, LlamaContextSequence]
  prompt = opened.model.tokenize('You are a helpful assistant. What is the capital of France?')
  question = opened.model.tokenize('Count from 1 to 10.')
})
after(() => opened.llama.dispose())

type Saved = { readonly folder: string, readonly path: string, readonly stateBytes: number, readonly logged: string[], open(modelKey?: string): Promise<SavedStates> }

/** A folder with one saved state. */
async function saved(t: TestContext): Promise<Saved> {
  const folder = await mkdtemp(join(tmpdir(), 'switch-states-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const logged: string[] = []
  const open = (modelKey = 'tiny') => SavedStates.open({ folder, modelKey, isCuttable: true, maxBytes: 1e9, log: (level, message) => void logged.push(`${level}: ${message}`) })
  const store = await open()
  await hold(first, prompt)
  await store.save(first)
  const { path, stateBytes } = store.longest(prompt)!.state
  return { folder, path, stateBytes, logged, open }
}

async function flip(path: string, position: number): Promise<void> {
  const bytes = await readFile(path)
  bytes[position < 0 ? bytes.length + position : position]! ^= 1
  await writeFile(path, bytes)
}

/** Puts other bytes before a trailer that fits them. */
async function replaceState(path: string, state: Buffer): Promise<void> {
  const facts = { modelKey: 'tiny', isShared: false, tokens: Uint32Array.from(prompt), stateBytes: state.length, checksum: crc32(state) }
  await writeFile(path, Buffer.concat([state, encodeTrailer(facts)]))
}

const damages: Record<string, (saved: Saved) => Promise<void>> = {
  'that is empty': ({ path }) => truncate(path, 0),
  'cut in its state': ({ path, stateBytes }) => truncate(path, stateBytes / 2),
  'cut at the end of its state': ({ path, stateBytes }) => truncate(path, stateBytes),
  'cut by one byte': async ({ path }) => truncate(path, (await readFile(path)).length - 1),
  'without its beginning': async ({ path }) => writeFile(path, (await readFile(path)).subarray(100)),
  'with a flipped bit in its state': ({ path, stateBytes }) => flip(path, Math.floor(stateBytes / 2)),
  'with a flipped bit in its facts': ({ path, stateBytes }) => flip(path, stateBytes + 5),
  'with a flipped bit in the length of its facts': ({ path }) => flip(path, -27),
  'of a future version': ({ path }) => flip(path, -2),
  'of garbage': ({ path }) => writeFile(path, 'garbage '.repeat(1000)),
  'that llama.cpp does not know as its own': ({ path }) => replaceState(path, Buffer.from('no state at all '.repeat(100))),
  'that holds other tokens than it says': async (at) => {
    const state = (await readFile(at.path)).subarray(0, at.stateBytes)
    state.writeUInt32LE(state.readUInt32LE(12) + 1, 12)
    await replaceState(at.path, state)
  }
}

for (const [name, damage] of Object.entries(damages)) {
  test(`a file ${name} is refused and removed, whether it was so at the start or became so`, async (t) => {
    const early = await saved(t)
    await damage(early)
    const started = await early.open()
    const found = started.longest(prompt)
    if (found) assert.equal(await started.restore(found.state, second), false)
    await assertRefused(early, started)

    const late = await saved(t)
    const store = await late.open()
    const { state } = store.longest(prompt)!
    await damage(late)
    assert.equal(await store.restore(state, second), false)
    await assertRefused(late, store)
  })
}

async function assertRefused({ folder, logged }: Saved, store: SavedStates): Promise<void> {
  assert.deepEqual(await readdir(folder), [])
  assert.equal(store.longest(prompt), undefined)
  assert.equal(logged.length, 1)
  assert.match(logged[0]!, /^warn: The saved prompt state .* is not used: .+\.$/)
  await assertUsable(second)
}

/** The sequence still answers as a fresh one does. */
async function assertUsable(sequence: LlamaContextSequence): Promise<void> {
  await first.clearHistory()
  assert.deepEqual(await continuation(sequence, question), await continuation(first, question))
}

test('a damaged file leaves the sequence what it held', async (t) => {
  const at = await saved(t)
  const store = await at.open()
  await hold(second, question)
  await flip(at.path, 1000)
  assert.equal(await store.restore(store.longest(prompt)!.state, second), false)
  assert.deepEqual(second.contextTokens, question)
  await assertUsable(second)
})

test('a file that llama.cpp refuses leaves the sequence empty and usable', async (t) => {
  const at = await saved(t)
  const other = await openSequences(1)
  t.after(() => other.llama.dispose())
  const [sequence] = other.sequences as [LlamaContextSequence]
  const store = await at.open()
  await hold(sequence, question)
  assert.equal(await store.restore(store.longest(prompt)!.state, sequence), false, 'a state belongs to a number of slots')
  assert.deepEqual(sequence.contextTokens, [])
  await assertUsable(sequence)
})

test('a file of the wrong length is seen without reading its state', async (t) => {
  for (const name of ['cut in its state', 'without its beginning', 'with a flipped bit in its facts']) {
    const at = await saved(t)
    await damages[name]!(at)
    assert.equal((await at.open()).longest(prompt), undefined, name)
  }
})

test('what the system cannot read now is not used, and left where it is', async (t) => {
  const at = await saved(t)
  await rm(at.path)
  await mkdir(at.path)
  assert.equal((await at.open()).longest(prompt), undefined)
  assert.equal((await readdir(at.folder)).length, 1)
  assert.match(at.logged[0]!, /is not used: EISDIR/)
})

test('a file under the name of one model with the key of another is refused', async (t) => {
  const at = await saved(t)
  const [name] = await readdir(at.folder)
  await (await at.open('another')).save(first)
  const foreign = (await readdir(at.folder)).find((found) => found !== name)!
  await rename(join(at.folder, foreign), at.path)
  assert.equal((await at.open()).longest(prompt), undefined)
  assert.deepEqual(await readdir(at.folder), [])
  assert.match(at.logged[0]!, /another model or another version of llama\.cpp wrote it\.$/)
})

test('the end of the engine costs no saved state', async (t) => {
  const at = await saved(t)
  const store = await at.open()
  const ending = await openSequences(1)
  await ending.llama.dispose()
  assert.equal(await store.restore(store.longest(prompt)!.state, ending.sequences[0]!), false)
  assert.equal((await readdir(at.folder)).length, 1)
  assert.deepEqual(at.logged, [])
})
