import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { ConfigError, acceptedTokens, loadConfig, unknownVariables, withEnvFile } from '../../src/config/load.ts'
import type { ConfigProblem, Environment } from '../../src/config/load.ts'
import { temporaryFolder } from '../support/service.ts'

function refusal(load: () => unknown): ConfigError {
  try {
    load()
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error))
    return error
  }
  assert.fail('nothing was refused')
}

const problemsOf = (environment: Environment): readonly ConfigProblem[] => refusal(() => loadConfig(environment)).problems

test('needs no variable at all: every default is in place', () => {
  const config = loadConfig({})
  assert.equal(config.HOST, '127.0.0.1')
  assert.equal(config.PORT, 8000)
  assert.equal(config.SWITCH_TOKEN, undefined)
  assert.equal(config.SWITCH_ROUTE, 'openai,hermes')
  assert.equal(config.HERMES_ENABLE, true)
  assert.equal(config.HERMES_MODEL_NAME, 'auto')
  assert.equal(config.HERMES_TIMEOUT, 30)
  assert.equal(config.HERMES_KEEP_ALIVE, -1)
  assert.equal(config.OPENAI_API_KEY, undefined)
  assert.equal(config.LOG_LEVEL, 'INFO')
  assert.equal(config.LOG_PROMPTS, false)
})

test('turns text into numbers and booleans', () => {
  const config = loadConfig({ PORT: '0', HERMES_TEMPERATURE: '0.25', HERMES_KEEP_ALIVE: '-1', HERMES_ENABLE: 'false', LOG_PROMPTS: 'TRUE' })
  assert.deepEqual([config.PORT, config.HERMES_TEMPERATURE, config.HERMES_KEEP_ALIVE, config.HERMES_ENABLE, config.LOG_PROMPTS], [0, 0.25, -1, false, true])
})

test('lists every problem at once, each with its name, what it takes and what it got', () => {
  const { problems, message } = refusal(() => loadConfig({ PORT: '65536', HERMES_FRAMEWORK: 'vllm', LOG_PROMPTS: 'maybe', OPENAI_BASE_URL: 'ftp://example.com', SWITCH_ROUTE: 'hermes,hermes' }))
  assert.deepEqual(problems, [
    { name: 'PORT', expected: 'a whole number from 0 to 65535 (0 picks a free one)', received: '"65536"' },
    { name: 'SWITCH_ROUTE', expected: 'a comma-separated order of openai, deepseek, hermes, hermes-fallback, each at most once', received: '"hermes,hermes"' },
    { name: 'HERMES_FRAMEWORK', expected: 'one of llama-cpp, ollama', received: '"vllm"' },
    { name: 'OPENAI_BASE_URL', expected: 'an http or https address without user and password', received: '"ftp://example.com"' },
    { name: 'LOG_PROMPTS', expected: 'true or false', received: '"maybe"' }
  ])
  for (const { name, expected, received } of problems) assert.ok(message.includes(`${name}: expected ${expected}, received ${received}`), message)
  assert.match(message, /has 5 problems/)
})

for (const value of ['Infinity', '-Infinity', 'NaN', '1e999', '12abc', '1_000']) {
  test(`refuses ${value} as a number`, () => {
    assert.deepEqual(problemsOf({ PORT: value, HERMES_TIMEOUT: value }).map(({ name, received }) => [name, received]), [
      ['PORT', JSON.stringify(value)],
      ['HERMES_TIMEOUT', JSON.stringify(value)]
    ])
  })
}

test('refuses a fraction where a whole number is due, and numbers just out of range', () => {
  for (const environment of [{ PORT: '80.5' }, { PORT: '-1' }, { HERMES_MAX_CONCURRENT: '0' }, { HERMES_MAX_CONCURRENT: '65' }, { HERMES_TEMPERATURE: '2.01' }, { HERMES_KEEP_ALIVE: '-2' }]) {
    assert.deepEqual(problemsOf(environment).map(({ name }) => name), Object.keys(environment))
  }
})

test('counts an empty value and one of spaces as unset', () => {
  const config = loadConfig({ PORT: '', HERMES_TIMEOUT: ' ', OPENAI_API_KEY: '', LOG_LEVEL: '\t', HOST: undefined })
  assert.deepEqual(config, loadConfig({}))
})

test('takes the log level in any letter case', () => {
  for (const value of ['debug', 'Debug', 'DEBUG']) assert.equal(loadConfig({ LOG_LEVEL: value }).LOG_LEVEL, 'DEBUG')
  assert.deepEqual(problemsOf({ LOG_LEVEL: 'loud' }).map(({ received }) => received), ['"loud"'])
})

test('takes HERMES_LOG_INFERENCE_TIME as the second name of LOG_INFERENCE_TIME', () => {
  assert.equal(loadConfig({ HERMES_LOG_INFERENCE_TIME: 'false' }).LOG_INFERENCE_TIME, false)
  assert.equal(loadConfig({ HERMES_LOG_INFERENCE_TIME: 'false', LOG_INFERENCE_TIME: 'true' }).LOG_INFERENCE_TIME, true)
})

test('gives out a frozen configuration', () => {
  const config = loadConfig({})
  assert.throws(() => Object.assign(config, { PORT: 1 }), TypeError)
})

test('reports names with our prefixes that are no variable, and only those', () => {
  const environment = { HERMES_TIMEUOT: '3', SWITCH_TOKENS: 'a', HERMES_LOG_INFERENCE_TIME: 'true', HERMES_TIMEOUT: '3', SWITCH_TOKEN: 'a', PATH: '/bin', OPENAI_FOO: 'x', MY_HERMES_X: '1' }
  assert.deepEqual(unknownVariables(environment), ['HERMES_TIMEUOT', 'SWITCH_TOKENS'])
})

test('reads a .env file beneath the environment: what is set outside wins', (t) => {
  const path = join(temporaryFolder(t), '.env')
  writeFileSync(path, '# comment\nPORT=9001\nHERMES_MODEL_NAME="a b.gguf"\n')
  const environment = withEnvFile({ PORT: '9002' }, path)
  assert.deepEqual({ ...environment }, { PORT: '9002', HERMES_MODEL_NAME: 'a b.gguf' })
  assert.deepEqual(acceptedTokens(loadConfig(environment)), [])
})

test('goes on without a .env file', (t) => {
  assert.deepEqual(withEnvFile({ PORT: '9002' }, join(temporaryFolder(t), '.env')), { PORT: '9002' })
})

test('refuses a .env that cannot be read and names it', (t) => {
  const path = join(temporaryFolder(t), '.env')
  mkdirSync(path)
  assert.deepEqual(refusal(() => withEnvFile({}, path)).problems.map(({ name }) => name), [path])
})

test('lists the missing token next to other problems', () => {
  assert.deepEqual(problemsOf({ HOST: '0.0.0.0', PORT: '99999' }).map(({ name }) => name), ['PORT', 'SWITCH_TOKEN'])
})

test('lists a variable once, however much is wrong with it', () => {
  assert.deepEqual(problemsOf({ HERMES_MAX_TOKENS: '9007199254740993' }).map(({ name }) => name), ['HERMES_MAX_TOKENS'])
})

test('an empty value outside does not hide the one of .env', (t) => {
  const path = join(temporaryFolder(t), '.env')
  writeFileSync(path, 'PORT=9001\n')
  assert.equal(loadConfig(withEnvFile({ PORT: '' }, path)).PORT, 9001)
})

test('takes flags and choices with spaces around them', () => {
  const config = loadConfig({ LOG_PROMPTS: 'true ', HERMES_FRAMEWORK: ' ollama' })
  assert.deepEqual([config.LOG_PROMPTS, config.HERMES_FRAMEWORK], [true, 'ollama'])
})

test('refuses a backend in SWITCH_ROUTE that does not exist, and says which do', () => {
  assert.deepEqual(problemsOf({ SWITCH_ROUTE: 'openai,vllm' }), [
    { name: 'SWITCH_ROUTE', expected: 'a comma-separated order of openai, deepseek, hermes, hermes-fallback, each at most once', received: '"openai,vllm"' }
  ])
})

test('leaves the names in SWITCH_ROUTE to the file where there is one', () => {
  assert.equal(loadConfig({ SWITCH_ROUTE: 'openai,vllm', SWITCH_CONFIG: 'switch.yaml' }).SWITCH_ROUTE, 'openai,vllm')
  assert.deepEqual(problemsOf({ SWITCH_ROUTE: 'vllm,vllm', SWITCH_CONFIG: 'switch.yaml' }).map(({ name }) => name), ['SWITCH_ROUTE'])
})

test('refuses a password in an address and does not print it', () => {
  assert.deepEqual(problemsOf({ OPENAI_BASE_URL: 'https://user:secret@example.com' }).map(({ received }) => received), ['"https://(hidden)@example.com"'])
})
