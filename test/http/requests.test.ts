// What every request gets whatever it asks: its id, a JSON answer even when it is wrong, and one line in the log.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { pino } from 'pino'
import { loadConfig } from '../../src/config/load.ts'
import { startServer } from '../../src/server.ts'
import { answer, fakeBackend } from '../support/backends.ts'
import { errorOf, eventsOf, exchange, infer, listening } from '../support/http.ts'
import { build, post, silentLogger, temporaryFolder, until } from '../support/service.ts'

const ownId = /^req_[0-9a-f]{32}$/

for (const header of ['X-Correlation-Id', 'X-Request-Id']) {
  test(`the id sent as ${header} is returned, told in errors and logged`, async (t) => {
    const app = await build(t)
    const id = 'trace-1:a/b.c@d+e=f_7'
    const response = await infer(app, { prompt: '' }, { [header]: id })
    assert.equal(response.headers['x-request-id'], id)
    assert.equal(response.headers['x-correlation-id'], id)
    assert.equal(errorOf(response, 400, 'SWITCH_REQUEST_INVALID').request_id, id)
    await nextTurn()
    assert.deepEqual(app.lines.map(({ reqId }) => reqId), [id])
  })
}

test('a request without an id gets one of its own', async (t) => {
  const app = await build(t)
  const ids = []
  for (let i = 0; i < 2; i++) ids.push(String((await app.inject('/health')).headers['x-request-id']))
  for (const id of ids) assert.match(id, ownId)
  assert.notEqual(ids[0], ids[1])
})

for (const [what, sent] of [
  ['500 characters long', 'x'.repeat(500)],
  ['empty', ''],
  ['with a line break', 'a\nlevel=error'],
  ['with an escaped line break', 'a%0D%0AX-Admin: 1'],
  ['with blanks', 'a b'],
  ['with markup', '<script>'],
  ['beyond ASCII', 'idé']
] as const) {
  test(`an id ${what} is replaced`, async (t) => {
    const app = await build(t)
    const response = await infer(app, { prompt: 'Hi' }, { 'x-correlation-id': sent })
    assert.match(String(response.headers['x-correlation-id']), ownId)
    await nextTurn()
    assert.match(String(app.lines[0]!['reqId']), ownId)
  })
}

test('an unknown path is a 404 that names a known one', async (t) => {
  const app = await build(t)
  for (const url of ['/nope', '/switch/infer/', '/switch/infer/more', '/switch%2Finfer', '/v2/..%2f..%2fetc/passwd']) {
    assert.match(errorOf(await app.inject(url), 404, 'SWITCH_HTTP_NOT_FOUND').error, /POST \/switch\/infer/)
  }
})

test('the query string does not come back in a 404', async (t) => {
  const app = await build(t)
  assert.ok(!(await app.inject('/nope?token=secret')).body.includes('secret'))
})

test('a wrong method is a 405 that names the right ones', async (t) => {
  const app = await build(t)
  for (const [method, url, allowed] of [['GET', '/switch/infer', 'POST'], ['PUT', '/switch/infer', 'POST'], ['OPTIONS', '/switch/infer?x=1', 'POST'], ['POST', '/switch/health', 'GET'], ['DELETE', '/health', 'GET']] as const) {
    const response = await app.inject({ method, url })
    const { error } = errorOf(response, 405, 'SWITCH_HTTP_METHOD_NOT_ALLOWED')
    assert.ok(String(response.headers.allow).split(', ').includes(allowed), `${method} ${url}: ${response.headers.allow}`)
    assert.ok(error.includes(`takes ${allowed}`) && error.includes(`not ${method}`), error)
  }
})

test('every request leaves one log line with what happened, without the prompt and the answer', async (t) => {
  const app = await build(t, { backends: [fakeBackend({ generate: () => answer('a private', ' answer') })] })
  await infer(app, { prompt: 'a private question' }, { 'x-request-id': 'one' })
  await infer(app, { prompt: 'a private question', stream: true }, { 'x-request-id': 'two' })
  await infer(app, { prompt: 'a private question', max_tokens: 0 }, { 'x-request-id': 'three' })
  await app.inject({ url: '/nope', headers: { 'x-request-id': 'four' } })
  await nextTurn()
  assert.deepEqual(app.lines.map(({ reqId, method, route, status, code }) => ({ reqId, method, route, status, code })), [
    { reqId: 'one', method: 'POST', route: '/switch/infer', status: 200, code: undefined },
    { reqId: 'two', method: 'POST', route: '/switch/infer', status: 200, code: undefined },
    { reqId: 'three', method: 'POST', route: '/switch/infer', status: 400, code: 'SWITCH_REQUEST_INVALID' },
    { reqId: 'four', method: 'GET', route: '/nope', status: 404, code: 'SWITCH_HTTP_NOT_FOUND' }
  ])
  assert.ok(!JSON.stringify(app.lines).includes('private'))
})

for (const stream of [false, true]) {
  test(`the log line of an inference ${stream ? 'as a stream' : 'as JSON'} carries its receipt`, async (t) => {
    const app = await build(t)
    const response = await infer(app, { prompt: 'Hi', stream })
    const told = stream ? eventsOf(response.body).at(-1)!.data as Record<string, unknown> : response.json<Record<string, unknown>>()
    await nextTurn()
    const { inference_id, attempts, model, source, tokens_used, duration_ms } = app.lines[0]!
    assert.deepEqual({ inference_id, attempts, model, source, tokens_used }, { inference_id: told['inference_id'], attempts: told['attempts'], model: 'fake-model', source: 'local_hermes', tokens_used: 4 })
    assert.equal(typeof duration_ms, 'number')
  })
}

test('health checks leave no line among those of the requests', async (t) => {
  const app = await build(t)
  for (const url of ['/health', '/switch/health']) await app.inject(url)
  await nextTurn()
  assert.deepEqual(app.lines, [])
})

test('LOG_PROMPTS=true puts prompt and answer into the log line', async (t) => {
  const app = await build(t, { env: { LOG_PROMPTS: 'true' } })
  await infer(app, { prompt: 'What is it?' })
  await nextTurn()
  assert.equal(app.lines[0]!['prompt'], 'What is it?')
  assert.equal(app.lines[0]!['response'], 'Hello')
})

for (const name of ['LOG_INFERENCE_TIME', 'HERMES_LOG_INFERENCE_TIME']) {
  test(`${name}=false leaves the times of the attempts out of the log line`, async (t) => {
    const app = await build(t, { env: { [name]: 'false' } })
    await infer(app, { prompt: 'Hi' })
    await nextTurn()
    assert.deepEqual(app.lines[0]!['attempts'], [{ backend: 'hermes', model: 'fake-model', outcome: 'success', reason: null }])
  })
}

for (const [what, bytes] of [['garbage', '\x16\x03\x01\x02\0\x01\0\xff\r\n\r\n'], ['a half request line', 'GET\r\n\r\n'], ['a broken header', 'GET /health HTTP/1.1\r\nHost: x\r\nno colon here\r\n\r\n'], ['a request with two lengths', 'POST /switch/infer HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}']] as const) {
  test(`${what} on the socket gets a JSON 400`, async (t) => {
    const url = await listening(await build(t))
    const [head, body] = (await exchange(url, bytes)).split('\r\n\r\n')
    assert.match(head!, /^HTTP\/1\.1 400 Bad Request\r\nContent-Type: application\/json/)
    assert.equal(JSON.parse(body!).code, 'SWITCH_REQUEST_INVALID')
    assert.equal((await fetch(`${url}/health`)).status, 200)
  })
}

test('headers over 16 KiB get a JSON 431', async (t) => {
  const url = await listening(await build(t))
  const [head, body] = (await exchange(url, `GET /health HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(17 * 1024)}\r\n\r\n`)).split('\r\n\r\n')
  assert.match(head!, /^HTTP\/1\.1 431 /)
  assert.equal(JSON.parse(body!).code, 'SWITCH_HTTP_HEADERS_TOO_LARGE')
})

async function sendHalfABody(url: string): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.on('error', () => undefined)
  const sent = Promise.withResolvers<void>()
  socket.write('POST /switch/infer HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"prompt"', () => sent.resolve())
  await sent.promise
  return socket
}

test('a request whose body never arrives holds up nobody, and is logged when its caller leaves', async (t) => {
  const app = await build(t)
  const url = await listening(app)
  const socket = await sendHalfABody(url)
  const { status } = await post(url, { prompt: 'Hi' })
  socket.destroy()
  assert.equal(status, 200)
  const line = await until(() => app.lines.find(({ caller_gone }) => caller_gone === true))
  assert.equal(line['route'], '/switch/infer')
  assert.equal(line['level'], pino.levels.values['info'])
  assert.equal((await post(url, { prompt: 'Hi' })).status, 200)
})

test('a request whose body never arrives does not hold up the shutdown', async (t) => {
  const config = loadConfig({ HERMES_ENABLE: 'false', SWITCH_CACHE_DIR: temporaryFolder(t), PORT: '0', SWITCH_SHUTDOWN_GRACE: '0' })
  const server = await startServer(config, silentLogger)
  const socket = await sendHalfABody(server.url)
  const cut = once(socket, 'close')
  await server.close()
  await cut
})

test('a path that is no valid URL is a 400 of the catalogue, with its log line', async (t) => {
  const app = await build(t)
  errorOf(await app.inject('/%'), 400, 'SWITCH_REQUEST_INVALID')
  await nextTurn()
  assert.equal(app.lines.length, 1)
})

test('the query string of an unknown path does not reach the log', async (t) => {
  const app = await build(t)
  await app.inject('/nope?token=secret')
  await nextTurn()
  assert.equal(app.lines[0]!['route'], '/nope')
})

test('a caller who leaves in the middle of the body is logged as gone, not as an error of ours', async (t) => {
  const app = await build(t)
  const url = await listening(app)
  const socket = await sendHalfABody(url)
  await post(url, { prompt: 'Hi' })
  socket.destroy()
  const line = await until(() => app.lines.find(({ caller_gone }) => caller_gone === true))
  assert.notEqual(line['code'], 'SWITCH_INTERNAL_ERROR')
  assert.equal(line['err'], undefined)
})

test('Allow names HEAD where GET is', async (t) => {
  const app = await build(t)
  assert.equal((await app.inject({ method: 'POST', url: '/health' })).headers.allow, 'GET, HEAD')
})
