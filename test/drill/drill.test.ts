import assert from 'node:assert/strict'
import { test } from 'node:test'
import { specsOf } from '../../src/config/configuration.ts'
import { loadConfig } from '../../src/config/load.ts'
import { drillCases } from '../../src/drill/cases.ts'
import { drill } from '../../src/drill/drill.ts'
import { silentLogger, temporaryFolder } from '../support/service.ts'

test('every fault of the drill passes with the default configuration, streamed and plain', async (t) => {
  const config = loadConfig({ OPENAI_API_KEY: 'drill', HERMES_MODEL_NAME: 'switch-tiny', HERMES_MODEL_DIR: temporaryFolder(t), SWITCH_CACHE_DIR: temporaryFolder(t) })
  const rows = await drill({ config, specs: specsOf(config) }, silentLogger, { realTimes: false })
  assert.equal(rows.length, drillCases.length * 2)
  assert.deepEqual(rows.filter(({ result }) => result !== 'pass'), [])
})

test('without a local model what can only be answered elsewhere is partial, never a false success', async (t) => {
  const config = loadConfig({ OPENAI_API_KEY: 'drill', HERMES_ENABLE: 'false', SWITCH_CACHE_DIR: temporaryFolder(t) })
  const cases = drillCases.filter(({ name }) => ['cut in mid-stream', '401 key refused', 'no [DONE]'].includes(name))
  const rows = await drill({ config, specs: specsOf(config) }, silentLogger, { realTimes: false, cases })
  assert.deepEqual(rows.map(({ name, result }) => `${name}: ${result}`), [
    '401 key refused: partial', '401 key refused: partial', 'cut in mid-stream: partial', 'cut in mid-stream: partial', 'no [DONE]: pass', 'no [DONE]: pass'
  ])
})
