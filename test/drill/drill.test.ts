import assert from 'node:assert/strict'
import { test } from 'node:test'
import { specsOf } from '../../src/config/configuration.ts'
import { loadConfig } from '../../src/config/load.ts'
import { drillCases } from '../../src/drill/cases.ts'
import { drill } from '../../src/drill/drill.ts'
import type { Ask } from '../../src/drill/drill.ts'
import type { Outcome } from '../../src/drill/verdict.ts'
import { systemClock } from '../../src/inference/clock.ts'
import type { SwitchError } from '../../src/inference/errors.ts'
import { startInference } from '../../src/inference/inference.ts'
import { silentLogger, temporaryFolder } from '../support/service.ts'

test('every fault of the drill passes with the default configuration, streamed and plain', async (t) => {
  const config = loadConfig({ OPENAI_API_KEY: 'drill', HERMES_MODEL_NAME: 'switch-tiny', HERMES_MODEL_DIR: temporaryFolder(t), SWITCH_CACHE_DIR: temporaryFolder(t) })
  const rows = await drill({ config, specs: specsOf(config) }, silentLogger, { realTimes: false })
  assert.equal(rows.length, drillCases.length * 2)
  assert.deepEqual(rows.filter(({ result }) => result !== 'pass'), [])
})

test('every fault passes on the chain\'s own interface too, shown at once and not', async (t) => {
  const config = loadConfig({ OPENAI_API_KEY: 'drill', HERMES_MODEL_NAME: 'switch-tiny', HERMES_MODEL_DIR: temporaryFolder(t), SWITCH_CACHE_DIR: temporaryFolder(t) })
  const rows = await drill({ config, specs: specsOf(config) }, silentLogger, { realTimes: false, ask: askChain })
  assert.equal(rows.length, drillCases.length * 2)
  assert.deepEqual(rows.filter(({ result }) => result !== 'pass'), [])
})

/** The use case without HTTP. */
const askChain: Ask = async ({ registry: { routes, backends } }, { prompt, mode, timeoutSeconds }) => {
  const startedAt = performance.now()
  const service = { routes, backends, clock: systemClock, closing: new AbortController().signal }
  const { run, attempts } = startInference(service, { messages: [{ role: 'user', content: prompt }], stop: [], temperature: 0 }, {
    model: undefined, timeoutSeconds, priority: 4, isShown: mode === 'stream', callerSignal: new AbortController().signal
  })
  let text = ''
  const outcome = (rest: Partial<Outcome>): Outcome => ({ status: 200, text, isComplete: false, source: attempts.at(-1)?.backend, code: undefined, attempts, durationMs: performance.now() - startedAt, ...rest })
  try {
    await run((event) => {
      if (event.type === 'text') text += event.text
      if (event.type === 'restart') text = ''
      return undefined
    })
    return outcome({ isComplete: true })
  } catch (error) {
    return outcome({ status: (error as SwitchError).status, code: (error as SwitchError).code })
  }
}

test('without a local model what can only be answered elsewhere is partial, never a false success', async (t) => {
  const config = loadConfig({ OPENAI_API_KEY: 'drill', HERMES_ENABLE: 'false', SWITCH_CACHE_DIR: temporaryFolder(t) })
  const cases = drillCases.filter(({ name }) => ['cut in mid-stream', '401 key refused', 'no [DONE]'].includes(name))
  const rows = await drill({ config, specs: specsOf(config) }, silentLogger, { realTimes: false, cases })
  assert.deepEqual(rows.map(({ name, result }) => `${name}: ${result}`), [
    '401 key refused: partial', '401 key refused: partial', 'cut in mid-stream: partial', 'cut in mid-stream: partial', 'no [DONE]: pass', 'no [DONE]: pass'
  ])
})
