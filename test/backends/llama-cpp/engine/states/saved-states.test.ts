import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import type { TestContext } from 'node:test'
import type { LlamaContextSequence, Token } from 'node-llama-cpp'
import { SavedStates } from '../../../../../src/backends/llama-cpp/engine/states/saved-states.ts'
import type { SavedStatesOptions } from '../../../../../src/backends/llama-cpp/engine/states/saved-states.ts'
import { continuation, hold, openSequences } from '../../../../support/sequences.ts'
import type { Sequences } from '../../../../support/sequences.ts'

let opened: Sequences
let first: LlamaContextSequence
let second: LlamaContextSequence
before(async () => {
  opened = await openSequences(3)
  ;[first, second] = opened.sequences as [LlamaContextSequence, LlamaContextSequence]
})
after(() => opened.llama.dispose())

const tokensOf = (text: string): Token[] => opened.model.tokenize(text)
const greeting = 'You are a helpful assistant. Answer in one short sentence and stay friendly. '

async function newFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'switch-states-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function openStore(folder: string, options: Partial<SavedStatesOptions> = {}): Promise<SavedStates> {
  return SavedStates.open({ folder, modelKey: 'tiny', isCuttable: true, maxBytes: 1e9, log: (level, message) => assert.fail(`${level}: ${message}`), ...options })
}

async function bytesIn(folder: string): Promise<number> {
  const found = await Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))))
  return found.reduce((bytes, { size }) => bytes + size, 0)
}

/** Evaluates the text and saves it; its tokens. */
async function saveText(store: SavedStates, text: string, options: { isShared?: boolean } = {}): Promise<Token[]> {
  const tokens = tokensOf(text)
  await hold(first, tokens)
  await store.save(first, options)
  return tokens
}

test('a restored prompt goes on exactly as a cold one and as a reused one', async (t) => {
  const store = await openStore(await newFolder(t))
  const prompt = tokensOf(`${greeting}What is the capital of France?`)
  await first.clearHistory()
  const cold = await continuation(first, prompt)
  await hold(first, prompt)
  assert.deepEqual(await continuation(first, prompt), cold)
  await hold(first, prompt)
  await store.save(first)
  await hold(second, tokensOf('Something else entirely, which must not remain.'))
  const { state, commonTokens } = store.longest(prompt)!
  assert.equal(commonTokens, prompt.length)
  assert.equal(await store.restore(state, second), true)
  assert.deepEqual(second.contextTokens, prompt)
  assert.deepEqual(await continuation(second, prompt), cold)
})

test('another prompt with the same beginning goes on from a restored state as it does cold', async (t) => {
  const store = await openStore(await newFolder(t))
  const saved = await saveText(store, `${greeting}What is the capital of France?`)
  const prompt = tokensOf(`${greeting}Count from 1 to 10.`)
  await first.clearHistory()
  const cold = await continuation(first, prompt)
  const { state, commonTokens } = store.longest(prompt)!
  assert.ok(commonTokens > 10 && commonTokens < saved.length)
  await second.clearHistory()
  assert.equal(await store.restore(state, second), true)
  assert.deepEqual(await continuation(second, prompt), cold)
})

test('saving and restoring disturb no answer in another slot', async (t) => {
  const store = await openStore(await newFolder(t))
  const saved = await saveText(store, 'Alpha beta gamma')
  const prompt = tokensOf(`${greeting}Count from 1 to 20.`)
  await first.clearHistory()
  const alone = await continuation(first, prompt, 40)
  await first.clearHistory()
  const beside = continuation(first, prompt, 40)
  for (const word of ['one', 'two', 'three']) {
    assert.equal(await store.restore(store.longest(saved)!.state, second), true)
    await second.evaluateWithoutGeneratingNewTokens(tokensOf(word))
    await store.save(second)
  }
  assert.deepEqual(await beside, alone)
})

test('a restarted engine finds what the one before it saved, and only its own model\'s', async (t) => {
  const folder = await newFolder(t)
  const prompt = await saveText(await openStore(folder), `${greeting}What is the capital of France?`, { isShared: true })
  const restarted = await openSequences(3)
  t.after(() => restarted.llama.dispose())
  const store = await openStore(folder)
  const { state } = store.longest(prompt)!
  assert.equal(state.isShared, true)
  assert.equal(await store.restore(state, restarted.sequences[0]!), true)
  assert.deepEqual(await continuation(restarted.sequences[0]!, prompt), await continuation(first, prompt))
  assert.equal((await openStore(folder, { modelKey: 'another' })).longest(prompt), undefined)
  assert.equal((await readdir(folder)).length, 1)
})

test('a longer conversation takes the place of its beginning, and nothing is saved twice', async (t) => {
  const folder = await newFolder(t)
  const store = await openStore(folder)
  await saveText(store, 'One two')
  const longer = await saveText(store, 'One two three four')
  const names = await readdir(folder)
  assert.equal(names.length, 1)
  await saveText(store, 'One two three')
  await saveText(store, 'One two three four')
  assert.deepEqual(await readdir(folder), names)
  await saveText(store, 'Five six')
  assert.equal((await readdir(folder)).length, 2)
  assert.equal(store.longest(longer)!.commonTokens, longer.length)
})

test('a shared beginning stays beside the conversations that go on from it', async (t) => {
  const folder = await newFolder(t)
  const store = await openStore(folder)
  await saveText(store, `${greeting}What is`)
  const shared = await saveText(store, greeting, { isShared: true })
  await saveText(store, `${greeting}What is the capital of France?`)
  assert.equal((await readdir(folder)).length, 2)
  assert.equal(store.longest(shared)!.state.isShared, true)
})

test('the folder is bounded over all models, and the least recently used state goes first', async (t) => {
  const folder = await newFolder(t)
  const store = await openStore(folder)
  const prompts: Token[][] = []
  for (const text of ['Alpha beta gamma delta', 'Red green blue yellow', 'North south east west']) prompts.push(await saveText(store, text))
  for (const [index, prompt] of prompts.entries()) await utimes(store.longest(prompt)!.state.path, 1000 + index, 1000 + index)
  assert.equal(await store.restore(store.longest(prompts[0]!)!.state, second), true)
  await saveText(await openStore(folder, { modelKey: 'another' }), 'Up')
  const full = await openStore(folder, { modelKey: 'another', maxBytes: await bytesIn(folder) })
  const prompt = await saveText(full, 'Down')
  assert.equal(full.longest(prompt)!.commonTokens, prompt.length)
  const again = await openStore(folder)
  assert.deepEqual(prompts.map((saved) => again.longest(saved)?.commonTokens === saved.length), [true, false, true])
})

test('a state evicted by another process is gone without a word', async (t) => {
  const folder = await newFolder(t)
  const store = await openStore(folder)
  const prompt = await saveText(store, 'Alpha beta gamma')
  await openStore(folder, { maxBytes: 0 })
  assert.deepEqual(await readdir(folder), [])
  const { state } = store.longest(prompt)!
  await hold(second, tokensOf('Something else'))
  assert.equal(await store.restore(state, second), false)
  assert.deepEqual(second.contextTokens, tokensOf('Something else'))
  assert.equal(store.longest(prompt), undefined)
  await saveText(store, 'Alpha beta gamma')
  assert.equal((await readdir(folder)).length, 1)
})

test('two stores that save at once leave only whole files', async (t) => {
  const folder = await newFolder(t)
  const stores = [await openStore(folder), await openStore(folder)] as const
  const prompts = [tokensOf('Alpha beta gamma'), tokensOf('Red green blue')] as const
  await hold(first, prompts[0])
  await hold(second, prompts[1])
  await Promise.all([stores[0].save(first), stores[1].save(second), stores[0].save(second), stores[1].save(first)])
  assert.equal((await readdir(folder)).length, 4)
  const store = await openStore(folder)
  for (const prompt of prompts) {
    assert.equal(await store.restore(store.longest(prompt)!.state, first), true)
    assert.deepEqual(first.contextTokens, prompt)
  }
})

test('what is larger than the bound or the room on the disk is not written', async (t) => {
  const folder = await newFolder(t)
  const kept = await saveText(await openStore(folder), 'Alpha beta gamma')
  const logged: string[] = []
  const log = (level: string, message: string) => void logged.push(`${level}: ${message}`)
  await saveText(await openStore(folder, { maxBytes: await bytesIn(folder) + 1, log }), 'Red green blue '.repeat(20))
  await saveText(await openStore(folder, { freeBytes: async () => 64 * 1024 * 1024 + 1, log }), 'Red green blue '.repeat(20))
  assert.equal(logged.length, 2)
  for (const line of logged) assert.match(line, /^debug: There is no room for a prompt state of about \d+ bytes\.$/)
  assert.equal((await openStore(folder)).longest(kept)!.commonTokens, kept.length)
  assert.equal((await readdir(folder)).length, 1)
})

test('a slot that is taken while it is saved gives no file', async (t) => {
  const folder = await newFolder(t)
  const logged: string[] = []
  let takeSlot = async (): Promise<void> => undefined
  const freeBytes = () => takeSlot().then(() => 1e12)
  const store = await openStore(folder, { freeBytes, log: (_level, message) => void logged.push(message) })
  takeSlot = () => hold(first, tokensOf('Red green blue'))
  await saveText(store, 'Alpha beta gamma')
  assert.deepEqual(await readdir(folder), [])
  assert.deepEqual(logged, ['A prompt state could not be saved: the slot was taken meanwhile.'])
})

test('a folder that cannot be used is one warning, and the store does nothing', async (t) => {
  const file = join(await newFolder(t), 'a-file')
  await writeFile(file, '')
  const logged: string[] = []
  const store = await openStore(join(file, 'states'), { log: (level, message) => void logged.push(`${level}: ${message}`) })
  const prompt = await saveText(store, 'Alpha beta gamma')
  assert.equal(store.longest(prompt), undefined)
  assert.equal(logged.length, 1)
  assert.match(logged[0]!, /^warn: Prompt states are not saved: E[A-Z]+.* Make the folder .*states writable or set another SWITCH_CACHE_DIR\.$/)
})

test('a folder that is deleted meanwhile is made again', async (t) => {
  const folder = await newFolder(t)
  const store = await openStore(folder)
  await rm(folder, { recursive: true })
  const prompt = await saveText(store, 'Alpha beta gamma')
  assert.equal(await store.restore(store.longest(prompt)!.state, second), true)
})

test('only this user can read what is saved', { skip: process.platform === 'win32' && 'Windows has no file modes' }, async (t) => {
  const folder = join(await newFolder(t), 'prompt_states')
  await saveText(await openStore(folder), 'Alpha beta gamma')
  assert.equal((await stat(folder)).mode & 0o777, 0o700)
  assert.equal((await stat(join(folder, (await readdir(folder))[0]!))).mode & 0o777, 0o600)
})
