import assert from 'node:assert/strict'
import { basename, dirname } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { RunningServer } from '../../src/server.ts'
import { embeddingModel } from '../support/embedding-model.ts'
import { listen, ready } from '../support/service.ts'
import { checker, documentAt, operationsOf } from './support.ts'
import type { Content, Operation } from './support.ts'

/** The events of a stream as the document has them: a name, where there is one, and data. */
function eventsIn(body: string): object[] {
  return body.trimEnd().split('\n\n').filter((block) => !block.startsWith(':')).map((block) => {
    const [, event, data] = /^(?:event: (\S+)\n)?data: (.*)$/.exec(block) ?? assert.fail(`no event: ${block}`)
    const value = data === '[DONE]' ? data : JSON.parse(data!) as unknown
    return event === undefined ? { data: value } : { event, data: value }
  })
}

type Check = ReturnType<typeof checker>

async function checkReply(check: Check, response: Response, content: Content, about: string, isEndless = false): Promise<void> {
  const type = response.headers.get('content-type')!.split(';')[0]!
  const body = isEndless ? await beginningOf(response) : await response.text()
  assert.ok(content[type], `${about}: ${type} is not in the document`)
  if (type === 'application/json') return check(content[type].schema, JSON.parse(body), about)
  if (type !== 'text/event-stream') return check(content[type].schema, body, about)
  const events = eventsIn(body)
  assert.ok(events.length > 1, `${about}: ${body}`)
  for (const event of events) check(content[type].schema, event, about)
}

/** The first three events of a stream that has no end. */
async function beginningOf(response: Response): Promise<string> {
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.split('\n\n').length > 3) break
  }
  return text.split('\n\n').slice(0, 3).join('\n\n')
}

/** Loading and unloading come last: nothing answers behind them. */
function inOrder<T extends { path: string }>(operations: readonly T[]): T[] {
  return operations.toSorted((a, b) => Number(/\/(un)?load$/.test(a.path)) - Number(/\/(un)?load$/.test(b.path)))
}

/** Only the routes of models choose by Accept what they send. */
function acceptable(path: string, { responses }: Operation): string[] {
  return path.startsWith('/switch/models/') ? Object.keys(responses['200']!.content!) : ['*/*']
}

async function runExamples(t: TestContext, server: RunningServer, wants: (operation: Operation) => boolean): Promise<void> {
  const document = await documentAt(server.url)
  const check = checker(document)
  for (const { method, path, operation } of inOrder(operationsOf(document)).filter((one) => wants(one.operation))) {
    const { schema, examples = {} } = operation.requestBody!.content['application/json']!
    assert.ok(Object.keys(examples).length > 0, `${path} has an example`)
    for (const [name, { value }] of Object.entries(examples)) {
      for (const accept of acceptable(path, operation)) {
        await t.test(`${method} ${path}: ${name}, as ${accept}`, async () => {
          check(schema, value, 'the example')
          const response = await fetch(server.url + path, { method, headers: { 'Content-Type': 'application/json', Accept: accept }, body: JSON.stringify(value) })
          assert.equal(response.status, 200, await response.clone().text())
          await checkReply(check, response, operation.responses['200']!.content!, name)
        })
      }
    }
  }
}

test('every example of a request is answered as the document says', async (t) => {
  const server = await listen(t)
  await ready(server.url)
  await runExamples(t, server, ({ requestBody, operationId }) => requestBody !== undefined && operationId !== 'createEmbeddings')
})

test('the example of embeddings too', async (t) => {
  const path = embeddingModel(t)
  const server = await listen(t, { HERMES_MODEL_DIR: dirname(path), HERMES_MODEL_NAME: basename(path) })
  await ready(server.url)
  await runExamples(t, server, ({ operationId }) => operationId === 'createEmbeddings')
})

test('every route that takes no body is answered as the document says', async (t) => {
  const { url } = await listen(t)
  await ready(url)
  const document = await documentAt(url)
  const check = checker(document)
  const { id } = await (await fetch(`${url}/v1/responses`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"input": "Hi"}' })).json() as { id: string }
  const operations = operationsOf(document).filter(({ operation }) => operation.requestBody === undefined)
  // What is deleted is read before.
  for (const { method, path, operation } of operations.toSorted((a, b) => Number(a.method === 'DELETE') - Number(b.method === 'DELETE'))) {
    const example = (name: string) => name === 'id' ? id : operation.parameters!.find((one) => one.name === name)!.example!
    const response = await fetch(url + path.replaceAll(/\{(\w+)\}/g, (_found, name: string) => example(name)), { method })
    assert.equal(response.status, 200, `${method} ${path}`)
    await checkReply(check, response, operation.responses['200']!.content!, `${method} ${path}`, operation.operationId === 'watchService')
  }
})

test('health that is not ready is answered as the document says', async (t) => {
  const { url } = await listen(t, { HERMES_MODEL_NAME: 'not-there' })
  const document = await documentAt(url)
  const response = await fetch(`${url}/switch/health`)
  assert.equal(response.status, 503)
  await checkReply(checker(document), response, document.paths['/switch/health']!['get']!.responses['503']!.content!, 'health')
})

for (const [about, path, init, status] of [
  ['no token', '/switch/infer', {}, '401'],
  ['no token on /v1', '/v1/chat/completions', {}, '401'],
  ['a wrong field', '/switch/infer', { body: '{"max_tokens": 0}' }, '400'],
  ['a wrong field on /v1', '/v1/chat/completions', { body: '{"n": 2}' }, '400'],
  ['an unknown model on /v1', '/v1/chat/completions', { body: '{"model": "gpt-unknown", "messages": [{"role": "user", "content": "Hi"}]}' }, '404'],
  ['no JSON', '/switch/infer', { body: 'Hi', headers: { 'Content-Type': 'text/plain' } }, '415'],
  ['no model', '/switch/infer', { body: '{"prompt": "Hi"}' }, '503'],
  ['no model on /v1', '/v1/chat/completions', { body: '{"messages": [{"role": "user", "content": "Hi"}]}' }, '503']
] as const) {
  test(`the error of a request with ${about} is as the document says`, async (t) => {
    const { url } = await listen(t, { HERMES_MODEL_NAME: 'not-there', SWITCH_TOKEN: 'secret' })
    const document = await documentAt(url)
    const headers = { 'Content-Type': 'application/json', ...(status !== '401' && { 'X-VX11-Token': 'secret' }), ...('headers' in init && init.headers) }
    const response = await fetch(url + path, { method: 'POST', ...init, headers })
    assert.equal(response.status, Number(status))
    await checkReply(checker(document), response, document.paths[path]!['post']!.responses[status]!.content!, about)
  })
}
