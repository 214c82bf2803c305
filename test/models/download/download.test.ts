// A pull that goes well, one that is cut and goes on, and one that is not needed, against a real mirror of a hub.
import assert from 'node:assert/strict'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { filesIn, file, mirrorFor, rangesOf, startPull, tinyModel, tinySha256 } from '../../support/pulls.ts'
import { temporaryFolder } from '../../support/service.ts'

const sixtyPercent = Math.floor(tinyModel.length * 0.6)

test('a model is pulled whole, checked, readable by others, with nothing beside it', async (t) => {
  const mirror = await mirrorFor(t)
  const pull = startPull(t, mirror, { folder: join(temporaryFolder(t), 'new', 'folder') })
  assert.deepEqual(await pull.result, { model: file, path: pull.path, bytes: tinyModel.length, sha256: tinySha256, was_present: false })
  assert.ok(readFileSync(pull.path).equals(tinyModel))
  assert.deepEqual(filesIn(pull.folder), [file])
  assert.equal(statSync(pull.path).mode & 0o777, 0o644)
})

test('progress goes from resolving to done and ends with every byte', async (t) => {
  const pull = startPull(t, await mirrorFor(t))
  await pull.result
  assert.deepEqual([...new Set(pull.progress.map(({ status }) => status))], ['resolving', 'downloading', 'verifying', 'done'])
  const { downloaded_bytes, total_bytes } = pull.progress.findLast(({ status }) => status === 'downloading')!
  assert.deepEqual([downloaded_bytes, total_bytes], [tinyModel.length, tinyModel.length])
})

test('while it is pulled it lies under a name that no engine loads', async (t) => {
  let names: string[] = []
  const pull = startPull(t, await mirrorFor(t), { onProgress: ({ status }) => { if (status === 'verifying') names = filesIn(pull.folder) } })
  await pull.result
  assert.ok(names.includes(`.${file}.part`), names.join())
  assert.deepEqual(names.filter((name) => name.endsWith('.gguf')), [])
})

test('a large file travels in several parts at once', async (t) => {
  const mirror = await mirrorFor(t)
  const pull = startPull(t, mirror, { split: { leastBytes: 1024 ** 2, most: 3 } })
  await pull.result
  assert.ok(readFileSync(pull.path).equals(tinyModel))
  const starts = rangesOf(mirror).map((range) => Number(/^bytes=(\d+)-/.exec(range!)![1])).sort((a, b) => a - b)
  assert.deepEqual(starts, [0, Math.floor(tinyModel.length / 3), Math.floor(tinyModel.length * 2 / 3)])
  assert.ok(mirror.sentBytes() <= tinyModel.length + 4)
})

test('after a cut it goes on by itself and asks for the rest alone', async (t) => {
  const mirror = await mirrorFor(t, { cutAfterBytes: sixtyPercent })
  const warnings: string[] = []
  const pull = startPull(t, mirror, { warnings })
  await pull.result
  const [first, second, ...further] = rangesOf(mirror)
  assert.equal(first, `bytes=0-${tinyModel.length - 1}`)
  const start = Number(/^bytes=(\d+)-/.exec(second!)![1])
  assert.ok(start > 0 && start <= sixtyPercent, second)
  assert.deepEqual(further, [])
  assert.ok(readFileSync(pull.path).equals(tinyModel))
  assert.match(warnings.join('\n'), /broke off.*trying again in 1 s/)
})

test('it gives up after some cuts that brought nothing, keeps what it has, and a later run goes on', async (t) => {
  const mirror = await mirrorFor(t, { cutAfterBytes: sixtyPercent, cuts: Infinity })
  const first = startPull(t, mirror, { retry: { firstMs: 1, tries: 3 } })
  await assert.rejects(first.result, { code: 'SWITCH_DOWNLOAD_FAILED', message: /127\.0\.0\.1.*What has come is kept; pull it again/ })
  assert.deepEqual(filesIn(first.folder), [`.${file}.part`, `.${file}.part.json`])
  mirror.settings.cuts = 0
  const before = mirror.sentBytes()
  await startPull(t, mirror, { folder: first.folder }).result
  assert.ok(readFileSync(first.path).equals(tinyModel))
  assert.ok(mirror.sentBytes() - before < tinyModel.length * 0.6, `${mirror.sentBytes() - before} bytes`)
  assert.deepEqual(filesIn(first.folder), [file])
})

test('a part of a file that is another one now is not gone on from', async (t) => {
  const mirror = await mirrorFor(t, { cutAfterBytes: sixtyPercent, cuts: Infinity })
  const { result, folder, path } = startPull(t, mirror, { retry: { tries: 1 } })
  await assert.rejects(result)
  const changed = Buffer.concat([tinyModel.subarray(0, -1), Buffer.from([tinyModel.at(-1)! ^ 1])])
  Object.assign(mirror.settings, { cuts: 0, files: { [`owner/Tiny-GGUF/${file}`]: changed } })
  await startPull(t, mirror, { folder }).result
  assert.ok(readFileSync(path).equals(changed))
  assert.equal(rangesOf(mirror).at(-1), `bytes=0-${tinyModel.length - 1}`)
})

test('a file that changes under the download is begun anew', async (t) => {
  const mirror = await mirrorFor(t, { cutAfterBytes: sixtyPercent })
  const changed = Buffer.concat([tinyModel.subarray(0, -1), Buffer.from([tinyModel.at(-1)! ^ 1])])
  const warnings: string[] = []
  const pull = startPull(t, mirror, { warnings, onProgress: ({ status }) => { if (status === 'downloading') mirror.settings.files = { [`owner/Tiny-GGUF/${file}`]: changed } } })
  await pull.result
  assert.ok(readFileSync(pull.path).equals(changed))
  assert.match(warnings.join('\n'), /has changed; starting over/)
})

test('a server without ranges gives the whole file, again after a cut', async (t) => {
  const mirror = await mirrorFor(t, { hasRanges: false, cutAfterBytes: sixtyPercent })
  const pull = startPull(t, mirror)
  assert.equal((await pull.result).sha256, tinySha256)
  assert.deepEqual(filesIn(pull.folder), [file])
})

test('a mirror that sends the bytes itself will do', async (t) => {
  const pull = startPull(t, await mirrorFor(t, { hasCdn: false }))
  assert.equal((await pull.result).sha256, tinySha256)
})

test('a hub that is busy is asked again', async (t) => {
  const mirror = await mirrorFor(t, { failures: [503, 429] })
  const warnings: string[] = []
  await startPull(t, mirror, { warnings }).result
  assert.match(warnings.join('\n'), /answers 503[^]*answers 429/)
})

for (const pinned of [true, false]) {
  test(`a good file that is there is not fetched again, ${pinned ? 'and with a pinned checksum nobody is asked' : 'by the checksum that the hub tells'}`, async (t) => {
    const mirror = await mirrorFor(t)
    const source = pinned ? { sha256: tinySha256 } : {}
    const first = startPull(t, mirror, { source })
    await first.result
    const [sent, asked] = [mirror.sentBytes(), mirror.requests.length]
    const { was_present, sha256 } = await startPull(t, mirror, { source, folder: first.folder }).result
    assert.deepEqual({ was_present, sha256 }, { was_present: true, sha256: tinySha256 })
    assert.ok(mirror.sentBytes() - sent <= 4)
    if (pinned) assert.equal(mirror.requests.length, asked)
    const forced = await startPull(t, mirror, { source, folder: first.folder, force: true }).result
    assert.equal(forced.was_present, false)
    assert.ok(mirror.sentBytes() - sent >= tinyModel.length)
  })
}

test('a file of the catalogue that is there and damaged is replaced', async (t) => {
  const folder = temporaryFolder(t)
  const path = join(folder, file)
  writeFileSync(path, Buffer.concat([tinyModel.subarray(0, -1), Buffer.from([0x55 ^ tinyModel.at(-1)!])]))
  const warnings: string[] = []
  const { was_present } = await startPull(t, await mirrorFor(t), { folder, warnings, source: { isCatalogued: true } }).result
  assert.equal(was_present, false)
  assert.ok(readFileSync(path).equals(tinyModel))
  assert.match(warnings.join('\n'), /has the checksum/)
})
