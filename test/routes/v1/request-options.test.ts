// The headers with which callers of /v1 say how long they wait and how urgent it is.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { SwitchError } from '../../../src/inference/errors.ts'
import { requestOptions } from '../../../src/routes/v1/request-options.ts'

const { signal } = new AbortController()

function optionsOf(headers: Record<string, string>) {
  return requestOptions({ headers, callerSignal: signal } as unknown as FastifyRequest, { model: 'local', stream: true }, 30)
}

test('without headers the usual time and priority count', () => {
  assert.deepEqual(optionsOf({}), { model: 'local', timeoutSeconds: 30, priority: 4, isShown: true, callerSignal: signal })
})

for (const [headers, timeoutSeconds] of [
  [{ 'x-switch-timeout': '120' }, 120],
  [{ 'x-switch-timeout': '0.5', 'x-stainless-timeout': '600' }, 0.5],
  [{ 'x-stainless-timeout': '600' }, 30],
  [{ 'x-stainless-timeout': '5' }, 5],
  [{ 'x-stainless-timeout': 'soon' }, 30],
  [{ 'x-stainless-timeout': '0' }, 30]
] as [Record<string, string>, number][]) {
  test(`${JSON.stringify(headers)} gives ${timeoutSeconds} s`, () => {
    assert.equal(optionsOf(headers).timeoutSeconds, timeoutSeconds)
  })
}

for (const [value, priority] of [['0', 0], ['9', 9], ['shub', 0], ['hijas', 3]] as const) {
  test(`X-Switch-Priority ${value} is ${priority}`, () => assert.equal(optionsOf({ 'x-switch-priority': value }).priority, priority))
}

for (const [name, value] of [['x-switch-timeout', '0'], ['x-switch-timeout', 'soon'], ['x-switch-timeout', ''], ['x-switch-timeout', '3601'], ['x-switch-priority', '10'], ['x-switch-priority', 'boss'], ['x-switch-priority', '1.5']] as const) {
  test(`${name}: ${value || 'nothing'} is refused by the header's name`, () => {
    assert.throws(() => optionsOf({ [name]: value }), (error: SwitchError) => {
      assert.equal(error.code, 'SWITCH_REQUEST_INVALID')
      assert.equal(error.body.details?.[0]?.path, name)
      assert.match(error.message, /must be a/)
      return true
    })
  })
}
