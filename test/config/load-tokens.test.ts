import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigError, acceptedTokens, loadConfig } from '../../src/config/load.ts'
import type { Environment } from '../../src/config/load.ts'

const needsToken = (environment: Environment) => assert.throws(() => loadConfig(environment), (error) => {
  assert.ok(error instanceof ConfigError)
  assert.deepEqual(error.problems.map(({ name }) => name), ['SWITCH_TOKEN'])
  assert.match(error.message, new RegExp(`HOST=${environment['HOST']} is reachable from other machines`))
  return true
})

test('falls back for the token in the documented order', () => {
  const order = ['SWITCH_TOKEN', 'VX11_TENTACULO_LINK_TOKEN', 'VX11_GATEWAY_TOKEN', 'API_TOKEN']
  for (const [index, first] of order.entries()) {
    const environment = Object.fromEntries(order.slice(index).map((name) => [name, `token-of-${name}`]))
    assert.deepEqual(acceptedTokens(loadConfig(environment)), [`token-of-${first}`])
  }
})

test('passes over an empty token to the next name', () => {
  assert.deepEqual(acceptedTokens(loadConfig({ SWITCH_TOKEN: '', VX11_TENTACULO_LINK_TOKEN: ' ', VX11_GATEWAY_TOKEN: 'b', API_TOKEN: 'c' })), ['b'])
})

test('accepts several tokens, trimmed, without empty ones', () => {
  assert.deepEqual(acceptedTokens(loadConfig({ SWITCH_TOKEN: ' a, b ,,c' })), ['a', 'b', 'c'])
})

test('never prints a secret in a problem, also when it came by a fallback name', () => {
  for (const name of ['SWITCH_TOKEN', 'VX11_TENTACULO_LINK_TOKEN', 'API_TOKEN']) {
    assert.throws(() => loadConfig({ [name]: ' , ,' }), (error) => {
      assert.ok(error instanceof ConfigError)
      assert.deepEqual(error.problems, [{ name: 'SWITCH_TOKEN', expected: 'at least one token', received: '(hidden)' }])
      return true
    })
  }
})

test('prints no secret next to the problem of another variable', () => {
  assert.throws(() => loadConfig({ PORT: 'x', SWITCH_TOKEN: 'secret-1', OPENAI_API_KEY: 'secret-2', DEEPSEEK_API_KEY: 'secret-3' }), (error) => {
    assert.ok(error instanceof ConfigError)
    assert.doesNotMatch(`${error.message}${error.stack}${JSON.stringify(error)}`, /secret-/)
    return true
  })
})

test('listens without a token on loopback only', () => {
  for (const host of ['127.0.0.1', '127.0.0.2', '127.255.255.254', '::1', 'localhost']) assert.equal(loadConfig({ HOST: host }).HOST, host)
  for (const host of ['0.0.0.0', '::', '192.168.1.10', '128.0.0.1', 'example.com', '127.example.com', 'localhost.example.com']) needsToken({ HOST: host })
})

test('listens anywhere with a token, also with one of a fallback name', () => {
  assert.equal(loadConfig({ HOST: '0.0.0.0', SWITCH_TOKEN: 'a' }).HOST, '0.0.0.0')
  assert.equal(loadConfig({ HOST: '0.0.0.0', API_TOKEN: 'a' }).HOST, '0.0.0.0')
})
