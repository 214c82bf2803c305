import assert from 'node:assert/strict'
import { test } from 'node:test'
import { transportReason } from '../../../src/backends/openai/transport-failure.ts'

function coded(code: string): Error {
  return Object.assign(new Error(code), { code })
}

const reasons: [what: string, error: unknown, reason: string][] = [
  ['a refused connection', coded('ECONNREFUSED'), 'connection'],
  ['a name that does not exist', coded('ENOTFOUND'), 'connection'],
  ['a connection that takes too long', coded('UND_ERR_CONNECT_TIMEOUT'), 'connection'],
  ['a certificate nobody trusts', coded('DEPTH_ZERO_SELF_SIGNED_CERT'), 'connection'],
  ['a host that is switched off', coded('EHOSTUNREACH'), 'connection'],
  ['no route', coded('ENETUNREACH'), 'network_down'],
  ['no interface', coded('ENETDOWN'), 'network_down'],
  ['no resolver', coded('EAI_AGAIN'), 'network_down'],
  ['no IPv6 and a refused IPv4', new AggregateError([coded('ENETUNREACH'), coded('ECONNREFUSED')]), 'connection'],
  ['no route by any address', new AggregateError([coded('ENETUNREACH'), coded('ENETUNREACH')]), 'network_down'],
  ['headers without end', coded('UND_ERR_HEADERS_OVERFLOW'), 'protocol'],
  ['what is no HTTP', coded('HPE_INVALID_CONSTANT'), 'protocol'],
  ['an error without a code', new Error('odd'), 'connection'],
  ['what is no error', 'odd', 'connection']
]

for (const [what, error, reason] of reasons) {
  test(`${what} is ${reason}`, () => assert.equal(transportReason(error, false), reason))
}

test('once the body has begun, whatever breaks the connection cut the stream', () => {
  assert.equal(transportReason(coded('ECONNRESET'), true), 'stream_cut')
  assert.equal(transportReason(coded('ENETDOWN'), true), 'stream_cut')
})
