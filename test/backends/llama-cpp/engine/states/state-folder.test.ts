import assert from 'node:assert/strict'
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { StateFolder } from '../../../../../src/backends/llama-cpp/engine/states/state-folder.ts'

const spareBytes = 64 * 1024 * 1024

type Bounds = { maxBytes?: number, freeBytes?: number }

async function openFolder(t: TestContext, { maxBytes = 1e9, freeBytes = 1e12 }: Bounds = {}): Promise<{ path: string, folder: StateFolder }> {
  const path = await mkdtemp(join(tmpdir(), 'switch-states-'))
  t.after(() => rm(path, { recursive: true, force: true }))
  return { path, folder: await StateFolder.open({ path, maxBytes, freeBytes: async () => freeBytes }) }
}

/** Writes a state of so many bytes that was used so many seconds ago; its path. */
async function put(folder: StateFolder, { model = 'a', bytes = 100, secondsAgo = 0, isFinished = true }): Promise<string> {
  const { path, temporary } = folder.newPaths(model)
  const written = isFinished ? path : temporary
  await writeFile(written, Buffer.alloc(bytes))
  const usedAt = new Date(Date.now() - secondsAgo * 1000)
  await utimes(written, usedAt, usedAt)
  return written
}

test('room is made by the least recently used states of all models, and by no more of them than needed', async (t) => {
  const { path, folder } = await openFolder(t, { maxBytes: 400 })
  const oldest = await put(folder, { model: 'a', secondsAgo: 30 })
  const older = await put(folder, { model: 'b', secondsAgo: 20 })
  const newer = await put(folder, { model: 'a', secondsAgo: 10 })
  assert.deepEqual(await folder.makeRoom(100), { hasRoom: true, removed: new Set() })
  assert.deepEqual(await folder.makeRoom(250), { hasRoom: true, removed: new Set([oldest, older]) })
  assert.deepEqual(await readdir(path), [basename(newer)])
})

test('what is used counts as new, and what is dispensable goes before what is old', async (t) => {
  const { folder } = await openFolder(t, { maxBytes: 300 })
  const oldest = await put(folder, { secondsAgo: 30 })
  const older = await put(folder, { secondsAgo: 20 })
  const newer = await put(folder, { secondsAgo: 10 })
  assert.equal(await folder.touch(oldest), true)
  assert.deepEqual((await folder.makeRoom(50, new Set([newer]))).removed, new Set([newer]))
  assert.deepEqual((await folder.makeRoom(150)).removed, new Set([older]))
  assert.equal(await folder.touch(older), false)
})

test('for what would never fit nothing is removed', async (t) => {
  const { path, folder } = await openFolder(t, { maxBytes: 300 })
  await put(folder, {})
  assert.deepEqual(await folder.makeRoom(301), { hasRoom: false, removed: new Set() })
  assert.equal((await readdir(path)).length, 1)
})

test('a disk that fills up makes the folder smaller', async (t) => {
  const { folder } = await openFolder(t, { freeBytes: spareBytes })
  const old = await put(folder, { secondsAgo: 10 })
  await put(folder, {})
  assert.deepEqual(await folder.makeRoom(100), { hasRoom: true, removed: new Set([old]) })
  const full = await openFolder(t, { freeBytes: 0 })
  const last = await put(full.folder, {})
  assert.equal((await full.folder.makeRoom(100)).hasRoom, false)
  assert.deepEqual(await full.folder.makeRoom(0), { hasRoom: true, removed: new Set([last]) })
})

test('what a dead process left unfinished is removed, what another one writes now takes room, and other files are left alone', async (t) => {
  const { path, folder } = await openFolder(t, { maxBytes: 300 })
  await put(folder, { isFinished: false, secondsAgo: 3600 })
  const writing = await put(folder, { isFinished: false, bytes: 250 })
  await writeFile(join(path, 'notes.state'), Buffer.alloc(1000))
  assert.equal((await folder.makeRoom(50)).hasRoom, true)
  assert.equal((await folder.makeRoom(51)).hasRoom, false)
  assert.deepEqual((await readdir(path)).sort(), [basename(writing), 'notes.state'].sort())
  assert.deepEqual(await folder.pathsOf('a'), [])
})

test('the states of one model are told from those of others', async (t) => {
  const { folder } = await openFolder(t)
  const own = await put(folder, { model: 'a' })
  await put(folder, { model: 'b' })
  assert.deepEqual(await folder.pathsOf('a'), [own])
})
