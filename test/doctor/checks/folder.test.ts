// Folders, their rights and their room, and what lies in the cache.
import assert from 'node:assert/strict'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkFolder, folderState } from '../../../src/doctor/checks/folder.ts'
import type { FolderState } from '../../../src/doctor/checks/folder.ts'
import { checkSavedStates } from '../../../src/doctor/checks/saved-states.ts'
import { temporaryFolder } from '../../support/service.ts'

const use = { setting: 'SWITCH_CACHE_DIR', withoutWriting: 'Nothing is cached.', neededBytes: 1e9, neededFor: 'prompt states' }
const user = { uid: 1000, gid: 1000, container: undefined }
const sane: FolderState = { path: '/cache', standsAt: '/cache', isThere: true, readProblem: undefined, writeProblem: undefined, freeBytes: 5e9, owner: 1000 }

test('a folder that is there, and one that can be made', async (t) => {
  const folder = temporaryFolder(t)
  const there = await folderState(folder)
  assert.deepEqual([there.isThere, there.readProblem, there.writeProblem], [true, undefined, undefined])
  assert.ok(there.freeBytes > 0)
  const later = await folderState(join(folder, 'a', 'b'))
  assert.deepEqual([later.isThere, later.standsAt, later.path], [false, folder, join(folder, 'a', 'b')])
  assert.match(checkFolder({ ...later, freeBytes: 5e9 }, use, user).message, /is not there yet and can be made; 5 GB are free/)
})

test('a file in the place of a folder is a problem', async (t) => {
  const file = join(temporaryFolder(t), 'file')
  writeFileSync(file, '')
  for (const path of [file, join(file, 'below')]) {
    const { result, message } = checkFolder(await folderState(path), use, user)
    assert.deepEqual([result, message], ['problem', `${file} is no folder.`])
  }
})

test('a folder of somebody else says who is to own it, inside a container too', () => {
  const state = { ...sane, writeProblem: 'EACCES', owner: 0 }
  const { result, message, advice } = checkFolder(state, use, user)
  assert.deepEqual([result, advice], ['warning', 'sudo chown -R 1000:1000 /cache'])
  assert.equal(message, '/cache cannot be written (EACCES: it belongs to user 0, and Switch runs as user 1000). Nothing is cached.')
  assert.match(checkFolder(state, use, { ...user, container: 'docker' }).advice!, /^sudo chown -R 1000:1000 FOLDER {3}# on the host; FOLDER is what is mounted at \/cache$/)
  assert.equal(checkFolder({ ...state, isThere: false, standsAt: '/' }, use, user).advice, 'sudo install -d -o 1000 -g 1000 /cache')
  assert.equal(checkFolder({ ...state, readProblem: 'EACCES' }, use, user).result, 'problem')
})

test('a folder that is mounted read-only, and one without room', () => {
  assert.match(checkFolder({ ...sane, writeProblem: 'EROFS' }, use, user).advice!, /without :ro/)
  const { result, message, advice } = checkFolder({ ...sane, freeBytes: 4e8 }, use, user)
  assert.equal(result, 'warning')
  assert.match(message, /400 MB are free\. That is little for prompt states, which takes 1 GB/)
  assert.match(advice!, /SWITCH_CACHE_DIR/)
})

test('saved prompt states are counted against their bound', async (t) => {
  const folder = temporaryFolder(t)
  assert.equal((await checkSavedStates(folder, 0)).result, 'skipped')
  assert.match((await checkSavedStates(join(folder, 'none'), 100)).message, /No prompt state/)
  mkdirSync(join(folder, 'model'))
  writeFileSync(join(folder, 'model', 'state'), Buffer.alloc(1000))
  assert.deepEqual((await checkSavedStates(folder, 1000)).facts, { files: 1, bytes: 1000 })
  assert.equal((await checkSavedStates(folder, 500)).result, 'warning')
})
