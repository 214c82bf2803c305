// Several who want the same model at the same time, in one process and in two.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCatalogue } from '../../../src/models/catalogue.ts'
import { Downloads } from '../../../src/models/download/downloads.ts'
import { HubPuller } from '../../../src/models/download/hub-puller.ts'
import type { PullProgress } from '../../../src/models/download/progress.ts'
import type { MirrorSettings } from '../../support/model-mirror.ts'
import { filesIn, file, mirrorFor, rangesOf, repo, startPull, tinyModel } from '../../support/pulls.ts'
import { silentLogger, temporaryFolder, until } from '../../support/service.ts'
import type { TestContext } from 'node:test'

const name = `${repo}:${file}`

async function downloadsFrom(t: TestContext, settings: MirrorSettings) {
  const mirror = await mirrorFor(t, settings)
  const folder = temporaryFolder(t)
  const downloads = new Downloads(new HubPuller({ catalogue: readCatalogue(), folder, endpoint: new URL(mirror.url), token: undefined, log: silentLogger }), silentLogger)
  t.after(() => downloads.close())
  return { mirror, folder, downloads }
}

test('two who ask in one process share one download, and both see it', async (t) => {
  const { mirror, folder, downloads } = await downloadsFrom(t, {})
  const seen: PullProgress[][] = [[], []]
  const pulls = [downloads.start(name), downloads.start(`hf.co/${name}`)]
  for (const [index, pull] of pulls.entries()) pull.listen((progress) => seen[index]!.push(progress))
  const [first, second] = await Promise.all(pulls.map(({ result }) => result))
  assert.equal(first, second)
  assert.equal(rangesOf(mirror).length, 1)
  for (const progress of seen) assert.equal(progress.at(-1)!.status, 'done')
  assert.deepEqual(filesIn(folder), [file])
})

test('list tells how far each running pull is, and forgets it at its end', async (t) => {
  const { mirror, downloads } = await downloadsFrom(t, { bytesPerSecond: 200_000 })
  const pull = downloads.start(name)
  const listed = await until(() => downloads.list().find(({ status }) => status === 'downloading'))
  assert.equal(listed.model, file)
  assert.equal(listed.total_bytes, tinyModel.length)
  delete mirror.settings.bytesPerSecond
  await pull.result
  await until(() => downloads.list().length === 0)
})

test('closing stops what runs, keeps its part, and refuses new ones', async (t) => {
  const { folder, downloads } = await downloadsFrom(t, { bytesPerSecond: 200_000 })
  const pull = downloads.start(name)
  await until(() => downloads.list().some(({ downloaded_bytes: bytes, status }) => status === 'downloading' && bytes > 0))
  await downloads.close()
  await assert.rejects(pull.result, { code: 'SWITCH_SERVER_CLOSING' })
  assert.deepEqual(filesIn(folder), [`.${file}.part`, `.${file}.part.json`])
  assert.throws(() => downloads.start(name), { code: 'SWITCH_SERVER_CLOSING' })
})

test('a pull that waits for another one of the same file finds it there', async (t) => {
  const mirror = await mirrorFor(t, { bytesPerSecond: 200_000 })
  const first = startPull(t, mirror)
  await until(() => filesIn(first.folder).includes(`.${file}.lock`))
  const second = startPull(t, mirror, { folder: first.folder })
  await until(() => second.progress.some(({ status }) => status === 'downloading'), () => 'the one that waits sees nothing of the other')
  delete mirror.settings.bytesPerSecond
  const [one, other] = await Promise.all([first.result, second.result])
  assert.deepEqual([one.was_present, other.was_present], [false, true])
  assert.equal(rangesOf(mirror).length, 1)
  assert.deepEqual(filesIn(first.folder), [file])
})

test('the lock of a process that is gone is taken over', async (t) => {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, `.${file}.lock`), JSON.stringify({ id: 'gone', pid: child.pid, host: hostname() }))
  const { result, path } = startPull(t, await mirrorFor(t), { folder })
  await result
  assert.ok(readFileSync(path).equals(tinyModel))
  assert.deepEqual(filesIn(folder), [file])
})

test('one who waits for a lock can leave', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, `.${file}.lock`), JSON.stringify({ id: 'other', pid: process.pid, host: hostname() }))
  const { result } = startPull(t, await mirrorFor(t), { folder, signal: AbortSignal.timeout(50) })
  await assert.rejects(result, { name: 'TimeoutError' })
  assert.deepEqual(filesIn(folder), [`.${file}.lock`])
})
