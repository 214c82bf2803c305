// The YAML file by itself: what it may say, and that everything wrong with it is told at once and without secrets.
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { Environment } from '../../src/config/load.ts'
import { readRoutesFile } from '../../src/config/routes-file.ts'
import { temporaryFolder } from '../support/service.ts'
import { problemsOf, refusalOf, yamlFile } from './support.ts'

const read = (t: TestContext, text: string, environment: Environment = {}) => readRoutesFile(yamlFile(t, text), environment)
const problems = (t: TestContext, text: string, environment: Environment = {}) => problemsOf(() => read(t, text, environment))

test('gives every limit of an openai backend its default', async (t) => {
  const { backends } = await read(t, 'backends: { a: { type: openai, model: m } }')
  assert.deepEqual(backends.get('a'), {
    type: 'openai', base_url: 'https://api.openai.com/v1', model: 'm', timeout: 20, first_token_timeout: 10, idle_timeout: 15, max_concurrent: 64, tools: true, json_schema: true, logprobs: true
  })
})

test('takes every key of each type', async (t) => {
  const openai = { type: 'openai', base_url: 'http://x/v1', api_key: 'k', model: '*', organisation: 'o', timeout: 1, first_token_timeout: 2, idle_timeout: 3, max_concurrent: 4, context_length: 100, tools: false, json_schema: false, vision: true, logprobs: false, completions: false, embedding_model: 'e' }
  const ollama = { type: 'ollama', base_url: 'http://x', model: 'm:3b', embedding_model: 'e', context_length: 100, max_tokens: 5, temperature: 0, keep_alive: 60, max_concurrent: 2, timeout: 1, first_token_timeout: 2, idle_timeout: 3 }
  const llamaCpp = { type: 'llama-cpp', model: 'auto', context_length: 100, max_concurrent: 2, max_tokens: 5, temperature: 0.5 }
  // YAML takes JSON.
  const { backends } = await read(t, JSON.stringify({ backends: { openai, ollama, llamaCpp } }))
  assert.deepEqual(Object.fromEntries(backends), { openai, ollama, llamaCpp })
})

test('takes a route as a list or with more to say', async (t) => {
  const { routes } = await read(t, 'routes: { a: [x, y], b: { backends: [x] }, c: { backends: [x], private: true } }')
  assert.deepEqual(Object.fromEntries(routes), { a: { backends: ['x', 'y'], private: false }, b: { backends: ['x'], private: false }, c: { backends: ['x'], private: true } })
})

test('replaces ${NAME} anywhere in a value, also where a number is due', async (t) => {
  const { backends } = await read(t, 'backends: { a: { type: openai, base_url: "http://${BOX}:${PORT_OF_BOX}/v1", model: m, timeout: "${SECONDS}", tools: "${TOOLS}" } }', { BOX: 'gpu', PORT_OF_BOX: '81', SECONDS: '3', TOOLS: 'false' })
  const { base_url, timeout, tools } = backends.get('a') as { base_url: string, timeout: number, tools: boolean }
  assert.deepEqual({ base_url, timeout, tools }, { base_url: 'http://gpu:81/v1', timeout: 3, tools: false })
})

test('a value of the environment cannot add structure or refer to another', async (t) => {
  const model = 'm", tools: false, x: "${OTHER}'
  const { backends } = await read(t, 'backends: { a: { type: openai, model: "${MODEL}" } }', { MODEL: model, OTHER: 'secret' })
  assert.deepEqual([backends.get('a')!.model, (backends.get('a') as { tools: boolean }).tools], [model, true])
})

test('names a variable that is not set, or empty, at the value that wants it, once', async (t) => {
  assert.deepEqual(await problems(t, 'backends: { a: { type: openai, base_url: "${BOX_URL}", model: m, api_key: "${BOX_KEY}" } }', { BOX_KEY: ' ' }), [
    { name: 'backends.a.base_url', expected: 'the environment variable BOX_URL to be set', received: 'nothing' },
    { name: 'backends.a.api_key', expected: 'the environment variable BOX_KEY to be set', received: 'nothing' }
  ])
})

test('refuses a reference that is none', async (t) => {
  for (const model of ['${', '${A', '${A-B}', '${}', '${A:-x}']) {
    assert.deepEqual((await problems(t, JSON.stringify({ backends: { a: { type: 'openai', model } } }), { A: 'x' })).map(({ name, expected }) => [name, expected]), [['backends.a.model', '${NAME} with the name of an environment variable']])
  }
})

test('lists every problem at once, each with its path, what it takes and what it got', async (t) => {
  const { problems: all, message } = await refusalOf(() => read(t, `
backends:
  vllm: { type: openai, base_url: 'ftp://u:secret-1@x', colour: red, timeout: soon, api_key: 'secret-2 b', tools: 3 }
  o: { type: olama, model: x }
  a b: { type: ollama, model: 'x:cloud', embedding_model: 'y:cloud' }
  z: 3
  l: { type: llama-cpp, model: m, temperature: 2.5, max_tokens: null }
routes:
  a: []
  b: [vllm, vllm]
  c: { backends: [l], privat: true }
  d: x
top: 1
`))
  assert.deepEqual(all.map(({ name, received }) => `${name} ${received}`), [
    'top "top"',
    'backends.vllm.base_url "ftp://(hidden)@x"',
    'backends.vllm.api_key (hidden)',
    'backends.vllm.model nothing',
    'backends.vllm.timeout "soon"',
    'backends.vllm.tools 3',
    'backends.vllm.colour "colour"',
    'backends.o.type "olama"',
    'backends.a b "a b"',
    'backends.a b.model "x:cloud"',
    'backends.a b.embedding_model "y:cloud"',
    'backends.z 3',
    'backends.l.max_tokens nothing',
    'backends.l.temperature 2.5',
    'routes.a []',
    'routes.b ["vllm","vllm"]',
    'routes.c.privat "privat"',
    'routes.d "x"'
  ])
  for (const { name, expected, received } of all) assert.ok(message.includes(`${name}: expected ${expected}, received ${received}`), message)
  assert.match(message, /backends\.vllm\.timeout: expected a number from 0\.1 to 3600 \(seconds\), received "soon"/)
  assert.match(message, /backends\.o\.type: expected one of openai, ollama, llama-cpp/)
  assert.match(message, /backends\.vllm\.colour: expected one of the keys type, base_url, api_key/)
  assert.doesNotMatch(message, /secret/)
})

test('quotes the file and not the environment: no value of a variable is in a message', async (t) => {
  const { message } = await refusalOf(() => read(t, 'backends: { a: { type: openai, base_url: "${U}", model: m, timeout: "${U}", api_key: "${U}", tools: "x${U}" } }', { U: 'secret value' }))
  assert.doesNotMatch(message, /secret/)
  assert.match(message, /backends\.a\.timeout: expected .*, received "\$\{U\}"/)
})

test('tells line and column of what is no YAML, without quoting the file', async (t) => {
  const path = yamlFile(t, 'backends:\n  a: |secret-1\n  b: @secret-2\n')
  const { problems: all, message } = await refusalOf(() => readRoutesFile(path, {}))
  assert.deepEqual(all.map(({ name }) => name), [`${path}:2:7`, `${path}:3:6`])
  assert.doesNotMatch(message, /secret/)
})

test('refuses the same name twice, at its second place', async (t) => {
  const path = yamlFile(t, 'backends:\n  a: { type: openai, model: m }\n  a: { type: openai, model: n }\n')
  assert.deepEqual(await problemsOf(() => readRoutesFile(path, {})), [{ name: `${path}:3:3`, expected: 'each name once', received: 'a second a' }])
})

for (const [what, text] of Object.entries({ 'an empty file': '', 'only comments': '# x\n', 'a list': '- a\n', 'a text': 'hello\n' })) {
  test(`refuses ${what} where a map is due`, async (t) => {
    assert.deepEqual((await problems(t, text)).map(({ expected }) => expected), ['a map with backends, routes'])
  })
}

test('refuses sections that are no maps', async (t) => {
  assert.deepEqual((await problems(t, 'backends: [a]\nroutes:\n')).map(({ name, expected, received }) => [name, expected, received]), [
    ['backends', 'a map of names', '["a"]'],
    ['routes', 'a map of names', 'nothing']
  ])
})

test('refuses two documents, tags, unknown aliases and a flood of aliases', async (t) => {
  const flood = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [${'*a,'.repeat(50)}]\nc: &c [${'*b,'.repeat(50)}]\nd: [${'*c,'.repeat(50)}]\n`
  for (const text of ['routes: {}\n---\nroutes: {}\n', 'routes: !secret {}\n', 'routes: *secret\n', flood, '['.repeat(100_000)]) {
    const { message } = await refusalOf(() => read(t, text))
    assert.doesNotMatch(message, /secret/)
  }
})

test('refuses what is no readable file of at most 1 MiB, and names it', async (t) => {
  const folder = temporaryFolder(t)
  mkdirSync(join(folder, 'folder'))
  const cases = {
    [join(folder, 'missing.yaml')]: /no such file/,
    [join(folder, 'folder')]: /a folder/,
    [yamlFile(t, `# ${'x'.repeat(1024 * 1024)}\n`)]: /1\.0 MiB/,
    [yamlFile(t, new Uint8Array([0x61, 0xff, 0xfe]))]: /no UTF-8/
  }
  for (const [path, received] of Object.entries(cases)) {
    const [problem, ...others] = await problemsOf(() => readRoutesFile(path, {}))
    assert.deepEqual(others, [])
    assert.equal(problem!.name, path)
    assert.match(problem!.received, received)
  }
})

test('names that JavaScript knows are names like any other', async (t) => {
  const { backends } = await read(t, 'backends:\n  __proto__: { type: openai, model: m }\n  constructor: { type: openai, model: m }\n  toString: { type: openai, model: m }\n')
  assert.deepEqual([...backends.keys()], ['__proto__', 'constructor', 'toString'])
  assert.deepEqual((await problems(t, 'backends: { a: { type: constructor, model: m } }')).map(({ name }) => name), ['backends.a.type'])
  assert.deepEqual((await problems(t, 'backends: { a: { type: openai, model: m, constructor: 3 } }')).map(({ name }) => name), ['backends.a.constructor'])
})

test('a name has 1 to 64 characters of letters, digits, _ and -', async (t) => {
  const long = 'x'.repeat(64)
  assert.deepEqual([...(await read(t, `backends: { ${long}: { type: openai, model: m }, A-b_9: { type: openai, model: m } }`)).backends.keys()], [long, 'A-b_9'])
  for (const name of [`${long}x`, 'a/b', 'a.b', 'é', '']) {
    assert.deepEqual((await problems(t, JSON.stringify({ routes: { [name]: ['a'] } }))).map((problem) => problem.name), [`routes.${name}`])
  }
})
