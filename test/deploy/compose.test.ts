import assert from 'node:assert/strict'
import { test } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { defaultOf, variableNames } from '../../src/config/schema.ts'
import { readProjectYaml } from '../support/project-file.ts'

type Service = {
  image: string
  container_name: string
  environment: Record<string, string | null>
  volumes: string[]
  ports: string[]
  networks: string[]
  healthcheck: { test: string[] }
  mem_limit: string
  profiles?: string[]
  extends?: { service: string }
} & Record<string, unknown>
type Compose = { services: Record<string, Service>, networks: Record<string, { name: string }> }

const main = readProjectYaml<Compose>('docker-compose.yml')
const fullTest = readProjectYaml<Compose>('docker-compose.full-test.yml')
const service = main.services['switch']!
const testService = fullTest.services['switch']!

/** What compose makes of `${NAME:-default}` when nothing is set. */
const whenUnset = (value: string) => value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1')

for (const [file, each] of [['docker-compose.yml', service], ['docker-compose.full-test.yml', testService]] as const) {
  test(`${file} names only settings that Switch has`, () => {
    for (const name of Object.keys(each.environment)) assert.ok((variableNames as string[]).includes(name), name)
  })

  test(`${file} gives values that Switch accepts when .env sets nothing but the token`, () => {
    const values = Object.entries(each.environment).map(([name, value]) => [name, name === 'SWITCH_TOKEN' ? 'a-token' : whenUnset(value ?? '')])
    assert.equal(loadConfig(Object.fromEntries(values)).HERMES_MODEL_NAME, 'auto')
  })

  test(`${file} mounts the folders that its settings name`, () => {
    assert.deepEqual(each.volumes, ['./data/models:/app/models', './data/switch_cache:/app/cache'])
    assert.equal(each.environment['HERMES_MODEL_DIR'], '/app/models')
    assert.equal(each.environment['SWITCH_CACHE_DIR'], '/app/cache')
  })

  test(`${file} gives the container few rights`, () => {
    const { read_only, cap_drop, security_opt, user, restart } = each
    assert.deepEqual({ read_only, cap_drop, security_opt, restart }, { read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'], restart: 'unless-stopped' })
    assert.equal(whenUnset(user as string), '10001:10001')
  })

  test(`${file} limits the memory to more than the models may take`, () => {
    const limitMb = Number.parseInt(whenUnset(each.mem_limit)) * 1.048576
    assert.match(whenUnset(each.mem_limit), /^\d+m$/)
    assert.ok(limitMb >= Number(whenUnset(each.environment['HERMES_MAX_MEMORY_MB']!)) + 400, String(limitMb))
  })

  test(`${file} asks the service itself whether it is alive`, () => {
    assert.deepEqual(each.healthcheck.test, ['CMD', 'node', '/opt/switch/deploy/alive.js'])
  })
}

test('docker-compose.yml hands every setting of Switch to the container', () => {
  const missing = variableNames.filter((name) => !(name in service.environment))
  assert.deepEqual(missing, [], 'Add each of these names, without a value, to the environment of switch in docker-compose.yml.')
})

test('docker-compose.yml does not start without a token of its owner', () => {
  assert.match(service.environment['SWITCH_TOKEN']!, /^\$\{SWITCH_TOKEN:\?Set SWITCH_TOKEN in \.env/)
})

test('docker-compose.yml repeats the defaults of Switch where it gives values', () => {
  for (const name of ['HERMES_ENABLE', 'HERMES_FRAMEWORK', 'HERMES_CONTEXT_LENGTH', 'HERMES_MAX_TOKENS', 'HERMES_TEMPERATURE', 'HERMES_MAX_CONCURRENT', 'HERMES_TIMEOUT', 'HERMES_MAX_MEMORY_MB'] as const) {
    assert.equal(whenUnset(service.environment[name]!), defaultOf(name), name)
  }
})

test('an empty key, as compose hands it over, is no remote backend', () => {
  assert.equal(loadConfig({ OPENAI_API_KEY: '', DEEPSEEK_API_KEY: '' }).OPENAI_API_KEY, undefined)
})

test('names, port and network are those of VX11', () => {
  assert.deepEqual([service.image, service.container_name, service.ports.map(whenUnset), service.networks, main.networks['vx11-net']!.name],
    ['vx11-switch:latest', 'vx11-switch', ['8002:8000'], ['vx11-net'], 'vx11-net'])
  assert.deepEqual([testService.image, testService.container_name, testService.networks, fullTest.networks['vx11-test']!.name],
    ['vx11-switch:test', 'vx11-switch-test', ['vx11-test'], 'vx11-test'])
})

test('the sample token that everybody knows opens a port to this machine alone', () => {
  assert.equal(testService.environment['SWITCH_TOKEN'], 'vx11-test-token')
  assert.deepEqual(testService.ports, ['127.0.0.1:8002:8000'])
})

test('Ollama and the GPU variant start only when they are asked for', () => {
  const { switch: _always, ...others } = main.services
  for (const [name, { profiles }] of Object.entries(others)) assert.deepEqual(profiles, [name === 'switch-gpu' ? 'gpu' : 'ollama'], name)
  assert.equal(others['switch-gpu']!.extends!.service, 'switch')
})
