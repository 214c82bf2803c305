import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Registry } from 'prom-client'
import { observeEventLoopLag } from '../../../src/observability/metrics/event-loop-lag.ts'

function block(ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

test('a loop that stood still shows so in the next scrape, and no longer in the one after', async () => {
  const registry = new Registry()
  observeEventLoopLag(registry)
  const read = async (name: string) => (await registry.getSingleMetric(`nodejs_eventloop_lag_${name}_seconds`)!.get()).values[0]!.value
  assert.equal(await read('max'), 0)
  await sleep(300)
  block(1000)
  await sleep(300)
  assert.ok(await read('p99') > 0.5)
  assert.ok(await read('mean') > 0.05)
  assert.ok(await read('max') > 0.5)
  await sleep(300)
  assert.ok(await read('max') < 0.5)
})

test('a free loop has next to no lag, whatever the time between two looks', async () => {
  const registry = new Registry()
  observeEventLoopLag(registry)
  await sleep(900)
  const { values } = await registry.getSingleMetric('nodejs_eventloop_lag_p50_seconds')!.get()
  assert.ok(values[0]!.value < 0.15, `${values[0]!.value} s`)
})
