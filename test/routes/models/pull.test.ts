// POST /switch/models/pull: as events, as JSON, by several callers, and what is refused.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { FastifyInstance } from 'fastify'
import { errorOf, eventsOf, listening } from '../../support/http.ts'
import type { MirrorSettings } from '../../support/model-mirror.ts'
import { file, filesIn, mirrorFor, rangesOf, repo, tinyModel, tinySha256 } from '../../support/pulls.ts'
import { build, temporaryFolder, until } from '../../support/service.ts'

const model = `${repo}:${file}`
const asJson = { accept: 'application/json' }

async function service(t: TestContext, settings: MirrorSettings = {}) {
  const [mirror, folder] = [await mirrorFor(t, settings), temporaryFolder(t)]
  const app = await build(t, { env: { HF_ENDPOINT: mirror.url, HERMES_MODEL_DIR: folder, HF_TOKEN: 'hf_secret' } })
  return { mirror, folder, app }
}

const pull = (app: FastifyInstance, payload: object, headers: Record<string, string> = {}) => app.inject({ method: 'POST', url: '/switch/models/pull', payload, headers })

test('progress comes as events, then exactly one done with path, bytes and checksum', async (t) => {
  const { app, folder } = await service(t)
  const response = await pull(app, { model })
  assert.equal(response.statusCode, 200)
  assert.match(String(response.headers['content-type']), /^text\/event-stream/)
  const events = eventsOf(response.body)
  assert.deepEqual(events.at(-1), { event: 'done', data: { model: file, path: join(folder, file), bytes: tinyModel.length, sha256: tinySha256, was_present: false } })
  assert.ok(events.length > 1 && events.slice(0, -1).every(({ event }) => event === 'progress'))
  const { status, total_bytes } = events.at(-2)!.data as { status: string, total_bytes: number }
  assert.deepEqual({ status, total_bytes }, { status: 'done', total_bytes: tinyModel.length })
  assert.ok(readFileSync(join(folder, file)).equals(tinyModel))
})

test('with Accept: application/json the answer waits and is JSON; force fetches anew', async (t) => {
  const { app, mirror } = await service(t)
  assert.equal((await pull(app, { model }, asJson)).json().was_present, false)
  assert.equal((await pull(app, { model }, asJson)).json().was_present, true)
  assert.equal(rangesOf(mirror).length, 1)
  assert.equal((await pull(app, { model, force: true }, asJson)).json().was_present, false)
  assert.equal(rangesOf(mirror).length, 2)
})

for (const headers of [{}, asJson]) {
  test(`what fails before the first byte is an ordinary error${'accept' in headers ? ' for JSON' : ', not a stream'}`, async (t) => {
    const { app } = await service(t, { files: {} })
    const { error } = errorOf(await pull(app, { model }, headers), 404, 'SWITCH_DOWNLOAD_NOT_FOUND')
    assert.match(error, /nothing lies at/)
    errorOf(await pull(app, { model: 'hermes-9b' }, headers), 400, 'SWITCH_MODEL_UNKNOWN')
  })
}

test('a gated model is a 403 that names HF_TOKEN and shows no token', async (t) => {
  const { app } = await service(t, { neededToken: 'hf_other' })
  const response = await pull(app, { model })
  errorOf(response, 403, 'SWITCH_DOWNLOAD_FORBIDDEN')
  assert.match(response.body, /HF_TOKEN/)
  assert.doesNotMatch(response.body + JSON.stringify(app.lines), /hf_secret/)
})

test('what fails later is one error event with code and request id', async (t) => {
  const { app, folder } = await service(t, { wrong: 'bytes' })
  const response = await pull(app, { model })
  const { event, data } = eventsOf(response.body).at(-1)!
  assert.equal(event, 'error')
  const { code, request_id } = data as { code: string, request_id: string }
  assert.deepEqual({ code, request_id }, { code: 'SWITCH_DOWNLOAD_DAMAGED', request_id: response.headers['x-request-id'] })
  assert.deepEqual(filesIn(folder), [])
})

for (const [payload, path] of [[{}, 'model'], [{ model: '' }, 'model'], [{ model: 7 }, 'model'], [{ model: 'x', force: 'yes' }, 'force'], [{ model: 'x', url: 'y' }, 'url'], [[], 'body']] as const) {
  test(`${JSON.stringify(payload)} is refused by the name of its field`, async (t) => {
    const { details } = errorOf(await pull((await service(t)).app, payload), 400, 'SWITCH_REQUEST_INVALID')
    assert.equal(details?.[0]?.path, path)
  })
}

test('a token is needed where one is set', async (t) => {
  const app = await build(t, { env: { SWITCH_TOKEN: 'vx11-token' } })
  errorOf(await pull(app, { model }), 401, 'SWITCH_AUTH_REQUIRED')
})

test('a caller who leaves ends nothing: the pull goes on, and the next caller joins it', async (t) => {
  const { app, mirror } = await service(t, { bytesPerSecond: 200_000 })
  const url = new URL('/switch/models/pull', await listening(app))
  const leaving = request(url, { method: 'POST', headers: { 'content-type': 'application/json' } }).end(JSON.stringify({ model }))
  const [response] = await once(leaving, 'response')
  await once(response, 'data')
  leaving.on('error', () => undefined).destroy()
  await until(() => app.lines.some(({ caller_gone: gone }) => gone === true))
  const joined = fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...asJson }, body: JSON.stringify({ model }) })
  delete mirror.settings.bytesPerSecond
  assert.equal((await (await joined).json() as { was_present: boolean }).was_present, false)
  assert.equal(rangesOf(mirror).length, 1)
})

test('a service that closes ends the stream with an error event and keeps the part', async (t) => {
  const { app, folder } = await service(t, { bytesPerSecond: 200_000 })
  const url = new URL('/switch/models/pull', await listening(app))
  const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ model }) })
  const body = response.text()
  await app.close()
  const { event, data } = eventsOf(await body).at(-1)!
  assert.deepEqual([event, (data as { code: string }).code], ['error', 'SWITCH_SERVER_CLOSING'])
  assert.ok(filesIn(folder).every((name) => name.startsWith(`.${file}.part`)))
})
