// What remains of a configuration when parts of it are wrong.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { usableConfiguration } from '../../src/doctor/usable-configuration.ts'
import { temporaryFolder } from '../support/service.ts'

const names = (specs: { backends: readonly { name: string }[] }) => specs.backends.map(({ name }) => name)

test('what is wrong counts as unset, and everything else as it was set', async (t) => {
  const { config, problems, specs } = await usableConfiguration({ PORT: 'abc', LOG_LEVEL: 'loud', HERMES_TIMEOUT: '7', OPENAI_API_KEY: 'sk-key' }, join(temporaryFolder(t), '.env'))
  assert.deepEqual(problems.map(({ name }) => name).toSorted(), ['LOG_LEVEL', 'PORT'])
  assert.deepEqual([config.PORT, config.LOG_LEVEL, config.HERMES_TIMEOUT], [8000, 'INFO', 7])
  assert.deepEqual(names(specs), ['openai', 'hermes'])
})

test('a host without a token is a problem and stays for the checks to see', async (t) => {
  const { config, problems } = await usableConfiguration({ HOST: '0.0.0.0', PORT: '9' }, join(temporaryFolder(t), '.env'))
  assert.deepEqual([config.HOST, config.PORT, problems[0]!.name], ['0.0.0.0', 9, 'SWITCH_TOKEN'])
})

test('a value under its second name counts as unset too', async (t) => {
  const { config, problems } = await usableConfiguration({ API_TOKEN: ',', HERMES_LOG_INFERENCE_TIME: 'perhaps', PORT: '9' }, join(temporaryFolder(t), '.env'))
  assert.deepEqual(problems.map(({ name }) => name).toSorted(), ['LOG_INFERENCE_TIME', 'SWITCH_TOKEN'])
  assert.deepEqual([config.PORT, config.SWITCH_TOKEN, config.LOG_INFERENCE_TIME], [9, undefined, true])
})

test('a wrong file leaves the backends of the environment, also where the route names others', async (t) => {
  const folder = temporaryFolder(t)
  const file = join(folder, 'switch.yaml')
  writeFileSync(file, 'backends: [')
  const { specs, problems, config } = await usableConfiguration({ SWITCH_CONFIG: file, SWITCH_ROUTE: 'vllm,hermes', OPENAI_API_KEY: 'sk-key' }, join(folder, '.env'))
  assert.ok(problems.some(({ name }) => name.startsWith(file)))
  assert.deepEqual(names(specs), ['openai', 'hermes'])
  assert.equal(config.SWITCH_ROUTE, 'vllm,hermes')
})

test('.env is read beneath the environment; one that cannot be read is a problem', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, '.env'), 'PORT=9\nHERMES_TIMEOUT=7\n')
  const { config } = await usableConfiguration({ PORT: '10' }, join(folder, '.env'))
  assert.deepEqual([config.PORT, config.HERMES_TIMEOUT], [10, 7])
  mkdirSync(join(folder, 'odd'))
  const broken = await usableConfiguration({ PORT: '10' }, join(folder, 'odd'))
  assert.deepEqual([broken.config.PORT, broken.problems.map(({ name }) => name)], [10, [join(folder, 'odd')]])
})
