import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { answerText, wordsOf } from '../../src/drill/fake-upstream/answer-text.ts'
import { faultNames, faults } from '../../src/drill/fake-upstream/faults.ts'
import { startFakeUpstream } from '../../src/drill/fake-upstream/server.ts'
import type { FakeUpstream, FakeUpstreamOptions } from '../../src/drill/fake-upstream/server.ts'

async function start(t: TestContext, options?: FakeUpstreamOptions): Promise<FakeUpstream> {
  const upstream = await startFakeUpstream(options)
  t.after(() => upstream.close())
  return upstream
}

function ask({ url }: FakeUpstream, body: object = {}, signal: AbortSignal | null = null): Promise<Response> {
  return fetch(`${url}/chat/completions`, { method: 'POST', body: JSON.stringify({ model: 'm', stream: true, ...body }), redirect: 'manual', signal })
}

test('every fault has a name and a line that says what it does', () => {
  for (const name of faultNames) {
    assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/)
    assert.match(faults[name].description, /^[a-z].{8,80}[^.]$/, name)
  }
  assert.ok(faultNames.length >= 45, String(faultNames.length))
})

test('the usual answer has sixty words, and they join to it', () => {
  assert.equal(wordsOf(answerText).length, 60)
  assert.equal(wordsOf(answerText).join(''), answerText)
})

test('answers well without a fault, streamed or whole', async (t) => {
  const upstream = await start(t, { answer: 'Hello there.' })
  const streamed = await (await ask(upstream)).text()
  const events = streamed.trim().split('\n\n').map((event) => event.replace('data: ', ''))
  assert.equal(events.at(-1), '[DONE]')
  const chunks = events.slice(0, -1).map((event) => JSON.parse(event) as { choices: { delta: { content?: string } }[] })
  assert.equal(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), 'Hello there.')
  const whole = await (await ask(upstream, { stream: false })).json() as { choices: { message: { content: string } }[] }
  assert.equal(whole.choices[0]!.message.content, 'Hello there.')
})

test('records what it was asked, and who hung up', async (t) => {
  const upstream = await start(t)
  await upstream.setFault('stall')
  const aborter = new AbortController()
  const response = await ask(upstream, { messages: [], n: 1 }, aborter.signal)
  assert.equal(response.status, 200)
  assert.equal(upstream.openConnections(), 1)
  aborter.abort()
  await assert.rejects(response.text())
  while (upstream.openConnections() > 0) await new Promise((resolve) => { setTimeout(resolve, 5) })
  assert.deepEqual(upstream.requests.map(({ body, isAborted }) => ({ body, isAborted })), [{ body: { model: 'm', stream: true, messages: [], n: 1 }, isAborted: true }])
})

test('a script runs step by step, each as often as it says, then all is well', async (t) => {
  const upstream = await start(t)
  await upstream.script({ fault: 'status-503', times: 2 }, { fault: 'rate-limited-retry-after', times: 1, retryAfterSeconds: 5 })
  const seen = []
  for (let request = 0; request < 4; request++) {
    const response = await ask(upstream)
    seen.push([response.status, response.headers.get('retry-after')])
    await response.text()
  }
  assert.deepEqual(seen, [[503, null], [503, null], [429, '5'], [200, null]])
})

test('refused closes the port, and it comes back the same', async (t) => {
  const upstream = await start(t)
  const { url } = upstream
  await upstream.setFault('refused')
  await assert.rejects(ask(upstream))
  await upstream.setFault('none')
  assert.equal(upstream.url, url)
  assert.equal((await ask(upstream)).status, 200)
})

test('lists its models, except when the whole server is at fault', async (t) => {
  const upstream = await start(t)
  const status = async () => (await fetch(`${upstream.url}/models`)).status
  assert.equal(await status(), 200)
  await upstream.setFault('cut')
  assert.equal(await status(), 200)
  await upstream.setFault({ fault: 'status-500', times: 1 })
  assert.equal(await status(), 500)
  assert.equal(await status(), 500, 'a probe does not count')
})

test('faults that hold a connection let go of it at close', async (t) => {
  for (const fault of ['silence', 'headers-only', 'heartbeats-only', 'stall', 'no-done', 'giant-event', 'endless-headers'] as const) {
    const upstream = await start(t)
    await upstream.setFault(fault)
    const asked = ask(upstream).then((response) => response.text()).catch(() => 'broken')
    while (upstream.requests.length === 0) await new Promise((resolve) => { setTimeout(resolve, 5) })
    await upstream.close()
    await asked
    assert.equal(upstream.openConnections(), 0, fault)
  }
})
