// Checks side by side: what hangs, throws or is left out is a finding like any other.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ok, problem, skipped, together, warning } from '../../src/doctor/finding.ts'
import { runChecks } from '../../src/doctor/run-checks.ts'

test('reports come in the order of the checks, whatever ends first', async () => {
  const { promise, resolve } = Promise.withResolvers<void>()
  const reports = await runChecks([
    { name: 'slow', run: async () => { await promise; return ok('Slow.') } },
    { name: 'quick', run: () => { resolve(); return ok('Quick.') } }
  ], false)
  assert.deepEqual(reports.map(({ check, message }) => [check, message]), [['slow', 'Slow.'], ['quick', 'Quick.']])
})

test('a check that hangs is a problem after its time, and its signal tells it to stop', async () => {
  let aborted = false
  const [report] = await runChecks([{ name: 'hanging', timeoutMs: 30, run: (signal) => new Promise(() => signal.addEventListener('abort', () => { aborted = true })) }], false)
  assert.equal(report!.result, 'problem')
  assert.match(report!.message, /did not end within 0\.03 s/)
  assert.equal(aborted, true)
})

test('a check that throws is a problem with its words', async () => {
  const [report] = await runChecks([{ name: 'broken', run: () => { throw new Error('EIO: the disk is gone') } }], false)
  assert.deepEqual([report!.result, report!.message], ['problem', 'It could not be looked at: EIO: the disk is gone'])
  assert.match(report!.advice!, /npx switch doctor/)
})

test('offline leaves out only what needs a network', async () => {
  let asked = false
  const checks = [{ name: 'far', needsNetwork: true, run: () => { asked = true; return ok('Far.') } }, { name: 'near', run: () => ok('Near.') }]
  const reports = await runChecks(checks, true)
  assert.deepEqual(reports.map(({ result }) => result), ['skipped', 'ok'])
  assert.equal(asked, false)
  assert.equal((await runChecks(checks, false))[0]!.result, 'ok')
})

test('several findings make one as grave as the gravest, without what is well and without advice twice', () => {
  assert.deepEqual(together([ok('Fine.', { a: 1 }), warning('Odd.', 'mend'), problem('Bad.', 'mend', { b: 2 })]), { result: 'problem', message: 'Odd. Bad.', advice: 'mend', facts: { a: 1, b: 2 } })
  assert.equal(together([ok('One.'), ok('Two.')]).message, 'One. Two.')
  assert.equal(together([skipped('No.'), ok('Yes.')]).result, 'ok')
})
