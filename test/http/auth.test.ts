// Who is let in, with which token in which header, and what the others are told.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { LightMyRequestResponse } from 'fastify'
import { errorOf, infer } from '../support/http.ts'
import { build } from '../support/service.ts'

const token = 'vx11-secret-token'
const guarded = { env: { SWITCH_TOKEN: token } }

function assertRefused(response: LightMyRequestResponse): void {
  const body = errorOf(response, 401, 'SWITCH_AUTH_REQUIRED')
  assert.equal(body.detail, 'auth_required')
  assert.match(body.error, /X-VX11-Token/)
  assert.match(body.error, /Authorization: Bearer/)
}

test('a request without a token is refused', async (t) => {
  const app = await build(t, guarded)
  assertRefused(await infer(app, { prompt: 'Hi' }))
})

for (const [what, sent] of [
  ['a wrong token of the same length', 'vx11-secret-tokem'],
  ['the beginning of the token', 'vx11-secret'],
  ['more than the token', `${token}s`],
  ['the token in another letter case', token.toUpperCase()],
  ['an empty token', '']
] as const) {
  test(`${what} is refused in either header`, async (t) => {
    const app = await build(t, guarded)
    assertRefused(await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': sent }))
    assertRefused(await infer(app, { prompt: 'Hi' }, { authorization: `Bearer ${sent}` }))
  })
}

for (const headers of [
  { 'x-vx11-token': token },
  { 'X-VX11-TOKEN': token },
  { authorization: `Bearer ${token}` },
  { authorization: `bearer ${token}` },
  { authorization: `BEARER   ${token}` }
]) {
  test(`the right token is accepted as ${Object.entries(headers).flat().join(': ').replace(token, '…')}`, async (t) => {
    const app = await build(t, guarded)
    assert.equal((await infer(app, { prompt: 'Hi' }, headers)).statusCode, 200)
  })
}

test('the right token under another scheme is refused', async (t) => {
  const app = await build(t, guarded)
  for (const authorization of [token, `Basic ${token}`, `Bearer${token}`, `Token Bearer ${token}`]) assertRefused(await infer(app, { prompt: 'Hi' }, { authorization }))
})

test('each of several tokens is accepted, and not their list', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'first, second ,third' } })
  for (const one of ['first', 'second', 'third']) assert.equal((await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': one })).statusCode, 200, one)
  for (const other of ['first, second ,third', 'first,second', 'fourth']) assertRefused(await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': other }))
})

for (const name of ['VX11_TENTACULO_LINK_TOKEN', 'VX11_GATEWAY_TOKEN', 'API_TOKEN']) {
  test(`the token of ${name} guards where SWITCH_TOKEN is not set`, async (t) => {
    const app = await build(t, { env: { [name]: token } })
    assertRefused(await infer(app, { prompt: 'Hi' }))
    assert.equal((await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': token })).statusCode, 200)
  })
}

test('SWITCH_TOKEN counts alone where it is set', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: token, API_TOKEN: 'another' } })
  assertRefused(await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': 'another' }))
})

test('health needs no token', async (t) => {
  const app = await build(t, guarded)
  for (const url of ['/health', '/switch/health']) assert.equal((await app.inject(url)).statusCode, 200, url)
})

test('without a configured token everyone is let in', async (t) => {
  const app = await build(t)
  assert.equal((await infer(app, { prompt: 'Hi' })).statusCode, 200)
  assert.equal((await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': 'anything' })).statusCode, 200)
})

test('who has no token learns nothing about the body', async (t) => {
  const app = await build(t, guarded)
  assertRefused(await app.inject({ method: 'POST', url: '/switch/infer', headers: { 'content-type': 'text/plain' }, payload: 'x'.repeat(2_000_000) }))
})

test('no token ever stands in the log', async (t) => {
  const app = await build(t, guarded)
  const wrong = 'vx11-guessed-token'
  for (const sent of [token, wrong]) {
    await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': sent })
    await infer(app, { prompt: '' }, { authorization: `Bearer ${sent}` })
  }
  await nextTurn()
  assert.deepEqual(app.lines.map(({ status }) => status), [200, 400, 401, 401])
  const log = JSON.stringify(app.lines)
  assert.ok(!log.includes(token) && !log.includes(wrong), log)
})

test('a good Bearer counts beside an empty X-VX11-Token', async (t) => {
  const app = await build(t, guarded)
  assert.equal((await infer(app, { prompt: 'Hi' }, { 'x-vx11-token': '', authorization: `Bearer ${token}` })).statusCode, 200)
})
