// What comes of the environment alone, and of the environment with a file: backends, routes, and who wins.
import assert from 'node:assert/strict'
import { fileURLToPath } from 'node:url'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { loadConfiguration, loadSpecs } from '../../src/config/configuration.ts'
import type { Environment } from '../../src/config/load.ts'
import { isLocalSpec, modelOf } from '../../src/config/specs.ts'
import type { LlamaCppSpec, OllamaSpec, OpenAiSpec, Specs } from '../../src/config/specs.ts'
import { temporaryFolder } from '../support/service.ts'
import { problemsOf, yamlFile } from './support.ts'

async function specsFor(t: TestContext, environment: Environment, text?: string): Promise<Specs> {
  const all = { HERMES_MODEL_DIR: temporaryFolder(t), ...environment, ...text !== undefined && { SWITCH_CONFIG: yamlFile(t, text) } }
  return (await loadConfiguration(all)).specs
}

const routesOf = ({ routes }: Specs) => Object.fromEntries(routes.map(({ name, backends }) => [name, backends.join(',')]))
const namesOf = ({ backends }: Specs) => backends.map(({ name }) => name)

test('the environment alone gives hermes, and routes that leave out what is not configured', async (t) => {
  const specs = await specsFor(t, {})
  assert.deepEqual(namesOf(specs), ['hermes'])
  assert.deepEqual(routesOf(specs), { default: 'hermes', fast: 'hermes', reasoning: 'hermes', local: 'hermes' })
  assert.deepEqual(specs.routes[0]!.leftOut, ['openai'])
  assert.equal(modelOf(specs.backends[0]!), 'switch-tiny')
})

test('keys make openai and deepseek, with limits in milliseconds', async (t) => {
  const specs = await specsFor(t, { OPENAI_API_KEY: 'k1', OPENAI_EMBEDDING_MODEL: 'e', OPENAI_ORG_ID: 'org', OPENAI_TIMEOUT: '7', OPENAI_MAX_CONCURRENT: '3', DEEPSEEK_API_KEY: 'k2' })
  assert.deepEqual(routesOf(specs), { default: 'openai,hermes', fast: 'openai,hermes', reasoning: 'deepseek,openai,hermes', local: 'hermes' })
  const [openai, deepseek, hermes] = specs.backends as [OpenAiSpec, OpenAiSpec, Specs['backends'][0]]
  assert.deepEqual(openai, {
    type: 'openai', name: 'openai', apiKey: 'k1', organisation: 'org', baseUrl: 'https://api.openai.com/v1', model: 'gpt-6-luna', embeddingModel: 'e', maxConcurrent: 3,
    limits: { timeoutMs: 7000, firstTokenMs: 10_000, idleMs: 15_000 }, capabilities: { contextLength: undefined, tools: true, jsonSchema: true, vision: true, logprobs: true, rawPrompt: false }, thinkingStyle: 'none'
  })
  assert.deepEqual([deepseek.name, deepseek.apiKey, deepseek.organisation, deepseek.thinkingStyle, deepseek.capabilities.jsonSchema], ['deepseek', 'k2', undefined, 'deepseek', false])
  // The demo model must not stand in for a remote backend.
  assert.equal(modelOf(hermes), 'none')
})

test('what a server can do beyond chat is known of two hosts, usual elsewhere, and otherwise as the entry says', async (t) => {
  const entry = (name: string, fields: string) => `  ${name}: { type: openai, model: m, ${fields} }\n`
  const text = 'backends:\n' + entry('openai', 'embedding_model: e') + entry('seek', 'base_url: https://api.deepseek.com') + entry('own', 'base_url: http://gpu/v1')
    + entry('told', 'base_url: http://gpu/v1, vision: true, logprobs: false, completions: false') + entry('beta', 'base_url: https://api.deepseek.com/beta, completions: true')
  const { backends } = await specsFor(t, { HERMES_ENABLE: 'false' }, text)
  const able = (backends as OpenAiSpec[]).map(({ name, embeddingModel, capabilities: { vision, logprobs, rawPrompt } }) => [name, embeddingModel, vision, logprobs, rawPrompt])
  assert.deepEqual(able, [
    ['openai', 'e', true, true, false], ['seek', undefined, false, true, false], ['own', undefined, false, true, true], ['told', undefined, true, false, false], ['beta', undefined, false, true, true]
  ])
  const [environment] = (await specsFor(t, { OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'http://gpu/v1' })).backends as [OpenAiSpec]
  assert.deepEqual([environment.embeddingModel, environment.capabilities.vision, environment.capabilities.rawPrompt], [undefined, false, true])
})

test('an Ollama of the file may have another model for its vectors', async (t) => {
  const { backends } = await specsFor(t, { HERMES_ENABLE: 'false' }, 'backends: { o: { type: ollama, model: m, embedding_model: nomic-embed-text } }')
  assert.equal((backends[0] as OllamaSpec).embeddingModel, 'nomic-embed-text')
})

test('HERMES_FRAMEWORK=ollama makes hermes an Ollama backend that answers as local_hermes', async (t) => {
  const { backends: [hermes] } = await specsFor(t, { HERMES_FRAMEWORK: 'ollama', HERMES_KEEP_ALIVE: '60' })
  const { type, source, model, baseUrl, keepAliveSeconds } = hermes as OllamaSpec
  assert.deepEqual({ type, source, model, baseUrl, keepAliveSeconds }, { type: 'ollama', source: 'local_hermes', model: 'hermes3:3b', baseUrl: 'http://127.0.0.1:11434', keepAliveSeconds: 60 })
  assert.equal(modelOf((await specsFor(t, { HERMES_FRAMEWORK: 'ollama', HERMES_MODEL_NAME: 'phi4' })).backends[0]!), 'phi4')
})

test('a model of Ollama\'s cloud cannot be the local backend', async () => {
  const problems = await problemsOf(() => loadConfiguration({ HERMES_FRAMEWORK: 'ollama', HERMES_MODEL_NAME: 'big:cloud' }))
  assert.deepEqual(problems.map(({ name }) => name), ['HERMES_MODEL_NAME'])
})

test('HERMES_FALLBACK_MODEL makes a second local backend, directly behind hermes in every route', async (t) => {
  const specs = await specsFor(t, { OPENAI_API_KEY: 'k1', DEEPSEEK_API_KEY: 'k2', SWITCH_ROUTE: 'hermes,openai', HERMES_MODEL_NAME: 'large', HERMES_FALLBACK_MODEL: 'switch-tiny', HERMES_CONTEXT_LENGTH: '1024' })
  assert.deepEqual(specs.backends.map((spec) => `${spec.name}=${modelOf(spec)}`), ['openai=gpt-6-luna', 'deepseek=deepseek-flash', 'hermes=large', 'hermes-fallback=switch-tiny'])
  assert.deepEqual(routesOf(specs), {
    default: 'hermes,hermes-fallback,openai', fast: 'hermes,hermes-fallback,openai', reasoning: 'deepseek,hermes,hermes-fallback,openai', local: 'hermes,hermes-fallback'
  })
  const [hermes, fallback] = specs.backends.slice(-2) as [LlamaCppSpec, LlamaCppSpec]
  assert.deepEqual({ ...fallback, name: 'hermes', choice: hermes.choice, wanted: hermes.wanted }, hermes)
  assert.deepEqual([hermes.wanted.name, fallback.wanted.name, fallback.wanted.isFallback], ['large', 'switch-tiny', true])
})

test('an order or a route that says where the second local model stands is kept', async (t) => {
  const environment = { HERMES_FALLBACK_MODEL: 'switch-tiny' }
  assert.equal(routesOf(await specsFor(t, { ...environment, SWITCH_ROUTE: 'hermes-fallback,hermes' }))['default'], 'hermes-fallback,hermes')
  assert.equal(routesOf(await specsFor(t, { ...environment, SWITCH_ROUTE: 'openai' }))['default'], '')
  const specs = await specsFor(t, environment, 'routes: { default: [hermes], small: { backends: [hermes-fallback], private: true } }')
  assert.deepEqual([routesOf(specs)['default'], routesOf(specs)['small']], ['hermes', 'hermes-fallback'])
})

test('the second local model is left out where it is not configured, and does not exist without the first', async (t) => {
  const specs = await specsFor(t, { SWITCH_ROUTE: 'hermes,hermes-fallback' })
  assert.deepEqual([routesOf(specs)['default'], specs.routes[0]!.leftOut], ['hermes', ['hermes-fallback']])
  assert.deepEqual(namesOf(await specsFor(t, { HERMES_ENABLE: 'false', HERMES_FALLBACK_MODEL: 'switch-tiny' })), [])
})

test('a second local model that is not there is told as a first one is, with its own variable', async (t) => {
  const folder = temporaryFolder(t)
  const { backends: [, fallback] } = await specsFor(t, { HERMES_MODEL_DIR: folder, HERMES_FALLBACK_MODEL: 'small' })
  assert.deepEqual((fallback as LlamaCppSpec).choice, { name: 'small', problem: `Model small was not found in ${folder}. Put its GGUF file there, or set HERMES_FALLBACK_MODEL to a model that is there.` })
})

test('with HERMES_FRAMEWORK=ollama the second local model is one of Ollama, and not one of its cloud', async (t) => {
  const { backends } = await specsFor(t, { HERMES_FRAMEWORK: 'ollama', HERMES_FALLBACK_MODEL: 'phi4' })
  assert.deepEqual((backends as OllamaSpec[]).map(({ name, type, source, model }) => [name, type, source, model]), [['hermes', 'ollama', 'local_hermes', 'hermes3:3b'], ['hermes-fallback', 'ollama', 'local_hermes', 'phi4']])
  const problems = await problemsOf(() => loadConfiguration({ HERMES_FRAMEWORK: 'ollama', HERMES_FALLBACK_MODEL: 'big:cloud' }))
  assert.deepEqual(problems.map(({ name }) => name), ['HERMES_FALLBACK_MODEL'])
})

test('backends of the environment stay beside the file, and an entry of the same name takes the place', async (t) => {
  const text = 'backends: { vllm: { type: openai, base_url: http://gpu/v1, model: v }, openai: { type: openai, model: from-file } }'
  const specs = await specsFor(t, { OPENAI_API_KEY: 'k', OPENAI_MODEL: 'from-env' }, text)
  assert.deepEqual(specs.backends.map((spec) => `${spec.name}=${modelOf(spec)}`), ['openai=from-file', 'hermes=none', 'vllm=v'])
  assert.equal((specs.backends[0] as OpenAiSpec).apiKey, undefined)
})

test('a file brings its own hermes where the environment has none', async (t) => {
  const specs = await specsFor(t, { HERMES_ENABLE: 'false' }, 'backends: { hermes: { type: llama-cpp, model: switch-tiny, max_concurrent: 3 } }')
  assert.deepEqual(specs.backends.map((spec) => [spec.name, modelOf(spec), spec.maxConcurrent]), [['hermes', 'switch-tiny', 3]])
})

test('what an entry leaves open comes from HERMES_*', async (t) => {
  const environment = { HERMES_CONTEXT_LENGTH: '1024', HERMES_MAX_TOKENS: '99', HERMES_TEMPERATURE: '0.1', HERMES_MAX_CONCURRENT: '5', HERMES_ENABLE: 'false' }
  const { backends } = await specsFor(t, environment, 'backends: { l: { type: llama-cpp, model: auto }, o: { type: ollama, model: m }, p: { type: ollama, model: m, max_tokens: 7, timeout: 2 } }')
  const facts = backends.map((spec) => spec.type !== 'openai' && [spec.contextLength, spec.maxTokens, spec.temperature, spec.maxConcurrent])
  assert.deepEqual(facts, [[1024, 99, 0.1, 5], [1024, 99, 0.1, 1], [1024, 7, 0.1, 1]])
  assert.deepEqual((backends as OllamaSpec[]).slice(1).map(({ limits, source, keepAliveSeconds }) => [limits, source, keepAliveSeconds]), [
    [{ timeoutMs: undefined, firstTokenMs: undefined, idleMs: undefined }, 'o', -1],
    [{ timeoutMs: 2000, firstTokenMs: undefined, idleMs: undefined }, 'p', -1]
  ])
})

test('SWITCH_ROUTE may name backends of the file', async (t) => {
  const text = 'backends: { vllm: { type: openai, base_url: http://gpu/v1, model: v } }'
  assert.equal(routesOf(await specsFor(t, { SWITCH_ROUTE: 'vllm,hermes' }, text))['default'], 'vllm,hermes')
  assert.deepEqual(await problemsOf(() => specsFor(t, { SWITCH_ROUTE: 'vlm' }, text)), [
    { name: 'SWITCH_ROUTE', expected: 'a comma-separated order of openai, deepseek, hermes, hermes-fallback, vllm, each at most once', received: '"vlm"' }
  ])
})

test('routes of the file take the place of those of the same name; fast and reasoning follow the default', async (t) => {
  const specs = await specsFor(t, { DEEPSEEK_API_KEY: 'k' }, `
backends: { a: { type: openai, base_url: http://gpu/v1, model: v }, b: { type: ollama, model: m } }
routes: { default: [a, hermes], local: [hermes], extra: [b, openai] }
`)
  assert.deepEqual(routesOf(specs), { default: 'a,hermes', fast: 'a,hermes', reasoning: 'deepseek,a,hermes', local: 'hermes', extra: 'b' })
  assert.deepEqual(specs.routes.find(({ name }) => name === 'extra')!.leftOut, ['openai'])
})

test('the route local has every local backend: llama-cpp, Ollama in the own network, a server on this machine', async (t) => {
  const specs = await specsFor(t, {}, `
backends:
  here: { type: openai, base_url: 'http://127.0.0.1:8001/v1', model: v }
  six: { type: openai, base_url: 'http://[::1]:8001/v1', model: v }
  named: { type: openai, base_url: 'http://localhost:8001/v1', model: v }
  away: { type: openai, base_url: 'http://127.0.0.1.example.com/v1', model: v }
  compose: { type: ollama, base_url: 'http://ollama:11434', model: v }
  hosted: { type: ollama, base_url: 'https://ollama.example.com', model: v }
`)
  assert.equal(routesOf(specs)['local'], 'hermes,here,six,named,compose')
  assert.deepEqual(specs.backends.filter((spec) => !isLocalSpec(spec)).map(({ name }) => name), ['away', 'hosted'])
})

test('refuses names that fit nothing: unknown backends, a private route that leaves, a backend named like a route', async (t) => {
  const problems = await problemsOf(() => specsFor(t, { OPENAI_API_KEY: 'k' }, `
backends: { fast: { type: ollama, model: m }, extra: { type: ollama, model: m } }
routes:
  typo: [hermes, opnai]
  secret: { backends: [openai, hermes], private: true }
  calm: { backends: [hermes], private: true }
  extra: [hermes]
`))
  assert.deepEqual(problems, [
    { name: 'backends.fast', expected: 'a name that no route has', received: '"fast"' },
    { name: 'backends.extra', expected: 'a name that no route has', received: '"extra"' },
    { name: 'routes.typo', expected: 'backends among openai, deepseek, hermes, hermes-fallback, fast, extra', received: '"opnai"' },
    { name: 'routes.secret', expected: 'only local backends (hermes, fast, extra), because the route is private', received: '"openai"' }
  ])
})

test('problems of the environment and of the file come in one message', async (t) => {
  const problems = await problemsOf(() => specsFor(t, { PORT: 'x' }, 'backends: { a: { type: openai } }'))
  assert.deepEqual(problems.map(({ name }) => name), ['PORT', 'backends.a.model'])
})

test('the file can be read again under settings that stay', async (t) => {
  const { config, specs } = await loadConfiguration({ SWITCH_CONFIG: yamlFile(t, 'routes: { a: [hermes] }') })
  assert.deepEqual(await loadSpecs(config, {}), specs)
})

test('switch.example.yaml is valid with the variables it uses set, and says which when they are not', async (t) => {
  const example = fileURLToPath(new URL('../../switch.example.yaml', import.meta.url))
  const environment = { SWITCH_CONFIG: example, HERMES_MODEL_DIR: temporaryFolder(t) }
  const { specs } = await loadConfiguration({ ...environment, OPENAI_API_KEY: 'k', VLLM_URL: 'http://gpu-box:8000/v1' })
  assert.deepEqual(namesOf(specs), ['openai', 'hermes', 'vllm', 'ollama'])
  assert.deepEqual(routesOf(specs), { default: 'openai,vllm,hermes', fast: 'openai,vllm,hermes', reasoning: 'openai,vllm,hermes', local: 'hermes,ollama', private: 'ollama,hermes' })
  assert.deepEqual((await problemsOf(() => loadConfiguration(environment))).map(({ name }) => name), ['backends.openai.api_key', 'backends.vllm.base_url'])
})
