import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DoesNotFit, MemoryBudget } from '../../src/models/memory-budget.ts'
import { memoryLimit } from '../../src/models/memory-limit.ts'

const budgetOf = (mb: number) => new MemoryBudget({ mb, source: 'HERMES_MAX_MEMORY_MB' })
/** A model of so many megabytes; each token of its context takes one of them. */
const need = (totalMb: number) => async () => ({ totalMb, longestContext: (freeMb: number) => freeMb > 0 ? freeMb : undefined })

test('models share the limit, and what one gives back another may have', async () => {
  const budget = budgetOf(1000)
  const [first, second] = [{ name: 'hermes' }, { name: 'hermes-fallback' }]
  await budget.reserve(first, need(700))
  await assert.rejects(budget.reserve(second, need(301)), DoesNotFit)
  await budget.reserve(second, need(300))
  assert.equal(budget.freeMb, 0)
  budget.release(first)
  assert.equal(budget.freeMb, 700)
})

test('a refusal names what is needed, the limit, who has the rest, and what to do', async () => {
  const budget = budgetOf(1000)
  await budget.reserve({ name: 'hermes' }, need(700))
  await assert.rejects(budget.reserve({ name: 'small' }, need(500)), {
    message: 'it needs 500 MB, but the limit is 1000 MB (HERMES_MAX_MEMORY_MB), and 700 MB of that are reserved by hermes, which leaves 300 MB. ' +
      'A context length of 300 tokens would fit (HERMES_CONTEXT_LENGTH): lower it to that, use a smaller model or raise HERMES_MAX_MEMORY_MB.'
  })
  await assert.rejects(budget.reserve({ name: 'hermes' }, need(500)), { message: /reserved by the engine that it replaces, which leaves 300 MB/ })
})

test('a refusal says when no context length would help', async () => {
  const alone = new MemoryBudget({ mb: 100, source: 'the memory of this machine' })
  await assert.rejects(alone.reserve({ name: 'hermes' }, async () => ({ totalMb: 4000, longestContext: () => undefined })), {
    message: 'it needs 4000 MB, but the limit is 100 MB (the memory of this machine). No context length makes it fit: use a smaller model or give the machine more memory.'
  })
})

test('who asks first is served first, however long its model takes to look at', async () => {
  const budget = budgetOf(1000)
  const slow = Promise.withResolvers<void>()
  const first = budget.reserve({ name: 'hermes' }, () => slow.promise.then(need(700)))
  const second = budget.reserve({ name: 'hermes-fallback' }, need(700))
  slow.resolve()
  await first
  await assert.rejects(second, DoesNotFit)
})

test('who reserves again has only the later need, and nothing after a refusal or a damaged file', async () => {
  const budget = budgetOf(1000)
  const holder = { name: 'hermes' }
  await budget.reserve(holder, need(700))
  await budget.reserve(holder, need(900))
  assert.equal(budget.freeMb, 100)
  await assert.rejects(budget.reserve(holder, need(1001)), DoesNotFit)
  assert.equal(budget.freeMb, 1000)
  await budget.reserve(holder, need(900))
  await assert.rejects(budget.reserve(holder, () => Promise.reject(new Error('damaged'))), /damaged/)
  assert.equal(budget.freeMb, 1000)
})

test('the limit is what the configuration says, within what the machine has', () => {
  assert.deepEqual(memoryLimit(4096, 16e9), { mb: 4096, source: 'HERMES_MAX_MEMORY_MB' })
  assert.deepEqual(memoryLimit(4096, 2.5e9), { mb: 2500, source: 'the memory of this machine' })
  assert.ok(memoryLimit(16_777_216).mb > 100, 'this machine has memory')
})
