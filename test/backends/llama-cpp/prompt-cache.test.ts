import assert from 'node:assert/strict'
import { readdirSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { EngineSettings } from '../../../src/backends/llama-cpp/protocol.ts'
import type { Message } from '../../../src/inference/request.ts'
import { engineSettings, localBackend, never, read } from '../../support/engine.ts'
import { temporaryFolder, until } from '../../support/service.ts'

const system: Message = { role: 'system', content: 'You are a helpful assistant who answers briefly and truly. '.repeat(12).trim() }
const question = (content: string): Message => ({ role: 'user', content })

type Answer = { text: string, cached: number, messages: Message[] }

/** A backend with saved states in `folder`, and a way to ask it. */
function cachedBackend(t: TestContext, folder: string, settings: Partial<EngineSettings> = {}) {
  const backend = localBackend(t, { settings: { slots: 2, promptCache: { folder, maxBytes: 100e6, worthMs: 0 }, ...settings } })
  const ask = async (...messages: Message[]): Promise<Answer> => {
    const { text, usage } = await read(backend.generate({ messages, stop: [], temperature: 0 }, never))
    return { text, cached: usage!.prompt_tokens_details!.cached_tokens, messages: [...messages, { role: 'assistant', content: text }] }
  }
  return { backend, ask, close: () => backend.close() }
}

const statesIn = (folder: string) => readdirSync(folder).filter((file) => file.endsWith('.state')).map((file) => join(folder, file))

test('the second turn of a conversation evaluates what is new alone, and answers as a cold engine does', async (t) => {
  const { ask } = cachedBackend(t, '', { promptCache: { folder: '', maxBytes: 0, worthMs: 0 } })
  const first = await ask(system, question('Count from 1 to 20.'))
  const next = [...first.messages, question('What is the capital of Spain?')]
  const second = await ask(...next)
  assert.ok(second.cached > 150, `${second.cached} tokens were reused`)
  const cold = await cachedBackend(t, '', { promptCache: { folder: '', maxBytes: 0, worthMs: 0 } }).ask(...next)
  assert.ok(cold.cached < 10)
  assert.equal(second.text, cold.text)
})

test('a conversation goes on from its saved state after a restart, with the same text', async (t) => {
  const folder = temporaryFolder(t)
  const before = cachedBackend(t, folder)
  const first = await before.ask(system, question('Count from 1 to 20.'))
  await until(() => statesIn(folder).length === 1)
  await before.close()
  const next = [...first.messages, question('What is the capital of Spain?')]
  const after = await cachedBackend(t, folder).ask(...next)
  assert.ok(after.cached > 150, `${after.cached} tokens were reused`)
  const cold = await cachedBackend(t, temporaryFolder(t)).ask(...next)
  assert.deepEqual([after.text, cold.cached < 10], [cold.text, true])
})

test('a truncated state is not used, and the engine lives', async (t) => {
  const folder = temporaryFolder(t)
  const before = cachedBackend(t, folder)
  const first = await before.ask(system, question('Count from 1 to 20.'))
  await until(() => statesIn(folder).length === 1)
  await before.close()
  truncateSync(statesIn(folder)[0]!)
  const { backend, ask } = cachedBackend(t, folder)
  const after = await ask(...first.messages, question('What is the capital of Spain?'))
  assert.ok(after.cached < 10)
  assert.deepEqual([backend.state().status, backend.state().restarts], ['ready', 0])
})

test('a system prompt that comes again is saved, and slots that do not hold it start from there', async (t) => {
  const folder = temporaryFolder(t)
  const { ask } = cachedBackend(t, folder, { slots: 3 })
  const askAll = (...countries: string[]) => Promise.all(countries.map((country) => ask(system, question(`What is the capital of ${country}?`))))
  const [cold] = await askAll('Spain')
  // One of the two finds the slot that holds the system prompt taken.
  await askAll('Peru', 'Chile')
  assert.equal(statesIn(folder).length, 1)
  const answers = await askAll('Spain', 'Peru', 'Chile')
  assert.ok(answers.every(({ cached }) => cached > 100), `${answers.map(({ cached }) => cached)}`)
  assert.equal(answers[0]!.text, cold!.text)
})

test('the warm prompt is in every slot before the first request', async (t) => {
  for (const maxBytes of [0, 100e6]) {
    const { ask } = cachedBackend(t, temporaryFolder(t), { warmPrompt: system.content, promptCache: { folder: temporaryFolder(t), maxBytes, worthMs: 0 } })
    const answers = await Promise.all(['Peru', 'Chile'].map((country) => ask(system, question(`What is the capital of ${country}?`))))
    assert.ok(answers.every(({ cached }) => cached > 100), `${answers.map(({ cached }) => cached)}`)
  }
})

test('a warm prompt longer than the context is cut, and requests go on', async (t) => {
  const { ask } = cachedBackend(t, temporaryFolder(t), { warmPrompt: 'word '.repeat(3000), contextLength: 256 })
  assert.equal((await ask(question('What is the capital of Spain?'))).text, 'The capital of Spain is Madrid.')
})

test('a folder that cannot be written costs nothing but the saving', async (t) => {
  const { ask } = cachedBackend(t, '/dev/null/states')
  assert.equal((await ask(question('What is the capital of Spain?'))).text, 'The capital of Spain is Madrid.')
})

test('a request that comes while its only slot is saved waits for it', async (t) => {
  const folder = temporaryFolder(t)
  const { ask } = cachedBackend(t, folder, { slots: 1 })
  for (let turn = 0; turn < 4; turn++) {
    const saved = statesIn(folder).length
    await ask(question(`Count from ${turn} to 30.`))
    await until(() => statesIn(folder).length > saved || readdirSync(folder).some((file) => file.endsWith('.writing')))
    assert.equal((await ask(question('What is the capital of Spain?'))).text, 'The capital of Spain is Madrid.')
  }
})

test('settings that a state depends on keep apart what they saved', async (t) => {
  const folder = temporaryFolder(t)
  const first = cachedBackend(t, folder)
  await first.ask(system, question('Count from 1 to 20.'))
  await until(() => statesIn(folder).length === 1)
  await first.close()
  for (const settings of [{ slots: 1 }, { kvCache: 'q8_0' as const }, { isDeterministic: true }]) {
    const other = cachedBackend(t, folder, { ...engineSettings, promptCache: { folder, maxBytes: 100e6, worthMs: 60_000 }, ...settings })
    const { cached } = await other.ask(system, question('Count from 1 to 20.'))
    assert.ok(cached < 10, `${JSON.stringify(settings)}: ${cached} tokens`)
    await other.close()
  }
})
