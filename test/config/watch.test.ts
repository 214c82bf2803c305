// Changes of a file on the disk, as editors and orchestrators make them.
import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { pino } from 'pino'
import { watchFile } from '../../src/config/watch.ts'
import { silentLogger, temporaryFolder, until } from '../support/service.ts'

function watched(t: TestContext): { folder: string, path: string, calls: () => number } {
  const folder = temporaryFolder(t)
  const path = join(folder, 'switch.yaml')
  writeFileSync(path, 'a: 1\n')
  let calls = 0
  t.after(watchFile(path, () => calls++, silentLogger))
  return { folder, path, calls: () => calls }
}

test('tells of a change once, however many steps the editor takes', async (t) => {
  const { path, calls } = watched(t)
  writeFileSync(path, '')
  for (let step = 0; step < 5; step++) appendFileSync(path, `b${step}: 2\n`)
  await until(() => calls() === 1)
  await sleep(300)
  assert.equal(calls(), 1)
})

test('tells of every change when the file is replaced by another one', async (t) => {
  const { folder, path, calls } = watched(t)
  for (const round of [1, 2]) {
    writeFileSync(join(folder, '.switch.yaml.swp'), `a: ${round}\n`)
    renameSync(join(folder, '.switch.yaml.swp'), path)
    await until(() => calls() === round)
  }
})

test('tells of a file that is removed and written again', async (t) => {
  const { path, calls } = watched(t)
  rmSync(path)
  await until(() => calls() === 1)
  writeFileSync(path, 'a: 3\n')
  await until(() => calls() === 2)
})

test('tells of a mounted ConfigMap, where only a link beside the file changes', async (t) => {
  const folder = temporaryFolder(t)
  for (const version of ['v1', 'v2']) {
    mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'switch.yaml'), `${version}: 1\n`)
  }
  symlinkSync('v1', join(folder, '..data'))
  symlinkSync(join('..data', 'switch.yaml'), join(folder, 'switch.yaml'))
  let calls = 0
  t.after(watchFile(join(folder, 'switch.yaml'), () => calls++, silentLogger))
  symlinkSync('v2', join(folder, '..data_tmp'))
  renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
  await until(() => calls === 1)
})

test('tells nothing of other files in the folder', async (t) => {
  const { folder, path, calls } = watched(t)
  writeFileSync(join(folder, 'other.yaml'), 'a: 1\n')
  await sleep(300)
  assert.equal(calls(), 0)
  writeFileSync(path, 'a: 2\n')
  await until(() => calls() === 1)
})

test('where nothing can be watched, a warning says what to do instead', (t) => {
  const lines: string[] = []
  const stop = watchFile(join(temporaryFolder(t), 'none', 'switch.yaml'), () => undefined, pino({}, { write: (line: string) => void lines.push(line) }))
  stop()
  assert.match(lines.join(''), /send SIGHUP to reload it/)
})
