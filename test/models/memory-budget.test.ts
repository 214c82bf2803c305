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

test('who was refused is told once when others have given back enough, in the order of asking', async () => {
  const budget = budgetOf(1000)
  const told: string[] = []
  const holder = (name: string) => ({ name, onRoom: () => void told.push(name) })
  const [first, large, small] = [holder('first'), holder('large'), holder('small')]
  await budget.reserve(first, need(800))
  await assert.rejects(budget.reserve(large, need(1001)), DoesNotFit)
  await assert.rejects(budget.reserve(small, need(500)), DoesNotFit)
  budget.release(first)
  assert.deepEqual(told, ['small'])
  budget.release(first)
  assert.deepEqual(told, ['small'], 'nothing was given back')
})

test('who has withdrawn is not told', async () => {
  const budget = budgetOf(1000)
  let told = 0
  const [first, second] = [{ name: 'first' }, { name: 'second', onRoom: () => { told++ } }]
  await budget.reserve(first, need(800))
  await assert.rejects(budget.reserve(second, need(500)), DoesNotFit)
  budget.withdraw(second)
  budget.release(first)
  assert.equal(told, 0)
})

test('one may reserve in place of another; it comes back to that one, unless it has withdrawn', async () => {
  const budget = budgetOf(1000)
  const [old, fresh] = [{ name: 'old' }, { name: 'fresh' }]
  await budget.reserve(old, need(700))
  await assert.rejects(budget.reserve(fresh, need(600)), DoesNotFit)
  await budget.reserve(fresh, need(600), { inPlaceOf: old })
  assert.deepEqual([budget.reservedMb(old), budget.reservedMb(fresh)], [0, 600])
  budget.release(fresh)
  assert.deepEqual([budget.reservedMb(old), budget.reservedMb(fresh)], [700, 0])
  await budget.reserve(fresh, need(600), { inPlaceOf: old })
  budget.withdraw(old)
  budget.release(fresh)
  assert.equal(budget.freeMb, 1000)
})

test('a trial reserves nothing, and refuses as a reservation would', async () => {
  const budget = budgetOf(1000)
  const [old, fresh] = [{ name: 'old' }, { name: 'fresh' }]
  await budget.reserve(old, need(700))
  await budget.reserve(fresh, need(1000), { inPlaceOf: old, isTrial: true })
  assert.deepEqual([budget.reservedMb(old), budget.reservedMb(fresh)], [700, 0])
  await assert.rejects(budget.reserve(fresh, need(1001), { inPlaceOf: old, isTrial: true }), { message: /^it needs 1001 MB, but the limit is 1000 MB \(HERMES_MAX_MEMORY_MB\)\. / })
  assert.equal(budget.reservedMb(old), 700)
})

test('a refusal gives the three numbers and names a smaller model', async () => {
  const parts = { weightsMb: 400, kvCacheMb: 50, computeMb: 30, processMb: 20, totalMb: 500 }
  await assert.rejects(budgetOf(100).reserve({ name: 'hermes' }, async () => ({ totalMb: 500, parts, longestContext: () => undefined, smallerModel: async () => 'mini, which is installed, needs 90 MB' })), {
    message: 'it needs 500 MB (400 for weights, 50 for the KV cache, 50 for buffers), but the limit is 100 MB (HERMES_MAX_MEMORY_MB). ' +
      'No context length makes it fit: use a smaller model (mini, which is installed, needs 90 MB) or raise HERMES_MAX_MEMORY_MB.'
  })
})
