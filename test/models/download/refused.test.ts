// A pull that must not succeed: wrong bytes, no permission, no room, nothing there.
import assert from 'node:assert/strict'
import { existsSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesIn, file, mirrorFor, rangesOf, startPull, tinyModel, tinySha256 } from '../../support/pulls.ts'
import { temporaryFolder } from '../../support/service.ts'

const otherSha256 = 'ab'.repeat(32)

test('bytes with the wrong checksum are refused, and nothing of them stays', async (t) => {
  const { result, folder } = startPull(t, await mirrorFor(t, { wrong: 'bytes' }))
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: new RegExp(`its checksum is .* should be ${tinySha256}`) })
  assert.deepEqual(filesIn(folder), [])
})

test('a pinned checksum is kept also where the hub tells none', async (t) => {
  const { result, folder } = startPull(t, await mirrorFor(t, { hasCdn: false }), { source: { sha256: otherSha256 } })
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: new RegExp(`should be ${otherSha256}`) })
  assert.deepEqual(filesIn(folder), [])
})

test('a file that is not the pinned one is refused before a byte of it is fetched', async (t) => {
  const mirror = await mirrorFor(t)
  const { result, folder } = startPull(t, mirror, { source: { sha256: otherSha256 } })
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED' })
  assert.deepEqual(rangesOf(mirror), [])
  assert.deepEqual(filesIn(folder), [])
})

test('a file of the wrong length is refused with both lengths', async (t) => {
  const { result, folder } = startPull(t, await mirrorFor(t, { wrong: 'length' }))
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: new RegExp(`${tinyModel.length - 1000} bytes and should have ${tinyModel.length}`) })
  assert.deepEqual(filesIn(folder), [])
})

test('the exact size of the catalogue counts where the hub tells none', async (t) => {
  const { result } = startPull(t, await mirrorFor(t, { hasCdn: false }), { source: { bytes: 17 } })
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: /should have 17/ })
})

test('what is no GGUF file is refused at its first bytes', async (t) => {
  const mirror = await mirrorFor(t, { files: { [`owner/Tiny-GGUF/${file}`]: Buffer.from('<html>Log in first</html>'.repeat(1000)) } })
  const { result, folder } = startPull(t, mirror)
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: /no GGUF file/ })
  assert.deepEqual(rangesOf(mirror), [])
  assert.deepEqual(filesIn(folder), [])
})

test('a GGUF file with a damaged header is refused, and nothing of it stays', async (t) => {
  const broken = Buffer.concat([Buffer.from('GGUF'), Buffer.alloc(5000, 0xFF)])
  const { result, folder } = startPull(t, await mirrorFor(t, { files: { [`owner/Tiny-GGUF/${file}`]: broken } }))
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_DAMAGED', message: /header is damaged/ })
  assert.deepEqual(filesIn(folder), [])
})

test('a good file that is there stays when its replacement is refused', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, file), tinyModel)
  await assert.rejects(startPull(t, await mirrorFor(t, { wrong: 'bytes' }), { folder, force: true }).result, { code: 'SWITCH_DOWNLOAD_DAMAGED' })
  assert.deepEqual(filesIn(folder), [file])
})

test('another file of the same name is not replaced, unless by force or where the catalogue gives the name', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, file), tinyModel.subarray(0, 1000))
  const mirror = await mirrorFor(t)
  await assert.rejects(startPull(t, mirror, { folder }).result, { code: 'SWITCH_DOWNLOAD_NAME_TAKEN', status: 409, message: /it has 1000 bytes and should have/ })
  assert.equal(statSync(join(folder, file)).size, 1000)
  assert.equal((await startPull(t, mirror, { folder, force: true }).result).was_present, false)
})

test('a file that is not there is a 404 that says what was looked for', async (t) => {
  const mirror = await mirrorFor(t, { files: {} })
  const { result, folder } = startPull(t, mirror)
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_NOT_FOUND', status: 404, message: new RegExp(`nothing lies at ${mirror.url}/owner/Tiny-GGUF/resolve/main/${file}`) })
  assert.deepEqual(filesIn(folder), [])
})

test('a gated repository says where to accept its licence and which variable holds the token', async (t) => {
  const mirror = await mirrorFor(t, { neededToken: 'hf_right' })
  const { result } = startPull(t, mirror)
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_FORBIDDEN', status: 403, message: new RegExp(`accept the licence at ${mirror.url}/owner/Tiny-GGUF and set HF_TOKEN`) })
  const wrong = startPull(t, mirror, { token: 'hf_wrong' })
  await assert.rejects(wrong.result, { code: 'SWITCH_DOWNLOAD_FORBIDDEN', message: /HF_TOKEN is set, but/ })
})

test('the token opens a gated repository and never reaches the server that the hub leads to', async (t) => {
  const mirror = await mirrorFor(t, { neededToken: 'hf_right' })
  await startPull(t, mirror, { token: 'hf_right' }).result
  const sent = (server: string) => new Set(mirror.requests.filter((request) => request.server === server).map(({ authorization }) => authorization))
  assert.deepEqual(sent('hub'), new Set(['Bearer hf_right']))
  assert.deepEqual(sent('cdn'), new Set([undefined]))
})

test('a disk without room is told before anything is fetched, with both numbers', async (t) => {
  const mirror = await mirrorFor(t)
  const { result, folder } = startPull(t, mirror, { freeBytes: async () => 3_000_000 })
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_NO_SPACE', status: 507, message: /has 3 MB free; the download needs 5 MB and 256 MB/ })
  assert.deepEqual(rangesOf(mirror), [])
  assert.deepEqual(filesIn(folder), [])
})

test('a folder that cannot be is told as such', async (t) => {
  const blocked = join(temporaryFolder(t), 'a-file')
  writeFileSync(blocked, '')
  await assert.rejects(startPull(t, await mirrorFor(t), { folder: join(blocked, 'models') }).result, { code: 'SWITCH_DOWNLOAD_FOLDER_UNUSABLE', message: /a-file\/models \(ENOTDIR\).*HERMES_MODEL_DIR/ })
})

test('a hub that cannot be reached is named, after a few tries', async (t) => {
  const mirror = await mirrorFor(t)
  await mirror.close()
  const warnings: string[] = []
  const { result } = startPull(t, mirror, { retry: { firstMs: 1, tries: 3 }, warnings })
  await assert.rejects(result, { code: 'SWITCH_DOWNLOAD_FAILED', message: /cannot be reached \(ECONNREFUSED\)/ })
  assert.equal(warnings.length, 2)
})

test('an abort ends it with the signal\'s reason, at once, and keeps what has come', async (t) => {
  const mirror = await mirrorFor(t, { bytesPerSecond: 200_000 })
  const controller = new AbortController()
  const reason = new Error('enough')
  const { result, folder } = startPull(t, mirror, { signal: controller.signal, onProgress: ({ status, downloaded_bytes: bytes }) => { if (status === 'downloading' && bytes > 0) controller.abort(reason) } })
  await assert.rejects(result, (error) => error === reason)
  assert.deepEqual(filesIn(folder), [`.${file}.part`, `.${file}.part.json`])
  assert.ok(!existsSync(join(folder, file)))
})
