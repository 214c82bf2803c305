// switch models pull in processes of its own: killed and gone on with, two at once, and what each prints.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { ModelMirror } from '../../support/model-mirror.ts'
import { file, filesIn, mirrorFor, rangesOf, repo, tinyModel, tinySha256 } from '../../support/pulls.ts'
import { temporaryFolder, until } from '../../support/service.ts'

const launcher = fileURLToPath(new URL('../../../bin/switch.js', import.meta.url))
const name = `${repo}:${file}`
const statePath = (folder: string) => join(folder, `.${file}.part.json`)

type Run = { child: ChildProcess, outcome: Promise<{ code: number | null, stdout: string, stderr: string }> }

function start(t: TestContext, mirror: ModelMirror, folder: string, args: string[]): Run {
  const env = { PATH: process.env['PATH'], HF_ENDPOINT: mirror.url, HERMES_MODEL_DIR: folder, HF_TOKEN: 'hf_secret' }
  const child = spawn(process.execPath, [launcher, 'models', 'pull', ...args], { cwd: temporaryFolder(t), env, stdio: ['ignore', 'pipe', 'pipe'] })
  t.after(() => child.kill('SIGKILL'))
  const outcome = Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'exit') as Promise<[number | null]>]).then(([stdout, stderr, [code]]) => ({ code, stdout, stderr }))
  return { child, outcome }
}

/** Bytes that the folder's part will go on from. */
function bytesKept(folder: string): number {
  if (!existsSync(statePath(folder))) return 0
  const { spans } = JSON.parse(readFileSync(statePath(folder), 'utf8')) as { spans: { start: number, next: number }[] }
  return spans.reduce((sum, span) => sum + span.next - span.start, 0)
}

test('it tells how far it is on standard error, and where the model lies on standard output', async (t) => {
  const [mirror, folder] = [await mirrorFor(t), temporaryFolder(t)]
  const { code, stdout, stderr } = await start(t, mirror, folder, [name]).outcome
  assert.equal(code, 0, stderr)
  assert.match(stdout, new RegExp(`is there at ${folder}/${file} \\(4\\.2 MB, sha256 ${tinySha256}\\)\\.\nTo answer with it: npx switch models use ${file}\n$`))
  assert.match(stderr, new RegExp(`^${file}: resolving\n${file}: downloading 0 %[^]*${file}: done 100 %`))
  assert.doesNotMatch(stdout + stderr, /hf_secret/)
  assert.deepEqual(filesIn(folder), [file])
})

test('--json is one line for each event, the last one with the result; --dir is another folder', async (t) => {
  const [mirror, folder] = [await mirrorFor(t), temporaryFolder(t)]
  const { code, stdout, stderr } = await start(t, mirror, join(folder, 'elsewhere'), [name, '--json', '--dir', folder]).outcome
  assert.deepEqual({ code, stderr }, { code: 0, stderr: '' })
  const events = stdout.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
  assert.ok(events.slice(0, -1).every(({ event, model }) => event === 'progress' && model === file))
  assert.deepEqual(events.at(-1), { event: 'done', model: file, path: join(folder, file), bytes: tinyModel.length, sha256: tinySha256, was_present: false })
})

test('killed at 60 %, a second run asks for the rest alone', async (t) => {
  const [mirror, folder] = [await mirrorFor(t, { cutAfterBytes: Math.floor(tinyModel.length * 0.6), cuts: Infinity }), temporaryFolder(t)]
  const first = start(t, mirror, folder, [name])
  // The mirror gives no more than that: what is kept then stays as it is.
  await until(() => bytesKept(folder) > tinyModel.length * 0.3, () => 'the first run did not come so far')
  first.child.kill('SIGKILL')
  await first.outcome
  const kept = bytesKept(folder)
  assert.ok(existsSync(join(folder, `.${file}.lock`)), 'the lock of the killed process is still there')
  mirror.settings.cuts = 0
  const asked = rangesOf(mirror).length
  const { code, stderr } = await start(t, mirror, folder, [name]).outcome
  assert.equal(code, 0, stderr)
  assert.deepEqual(rangesOf(mirror).slice(asked), [`bytes=${kept}-${tinyModel.length - 1}`])
  assert.ok(readFileSync(join(folder, file)).equals(tinyModel))
  assert.deepEqual(filesIn(folder), [file])
})

test('Ctrl-C ends with code 1, says that it can be gone on with, and leaves the part and no lock', async (t) => {
  const [mirror, folder] = [await mirrorFor(t, { bytesPerSecond: 200_000 }), temporaryFolder(t)]
  const { child, outcome } = start(t, mirror, folder, [name])
  await until(() => bytesKept(folder) > 0)
  child.kill('SIGINT')
  const { code, stdout, stderr } = await outcome
  assert.deepEqual({ code, stdout }, { code: 1, stdout: '' })
  assert.match(stderr, /Stopped\. What has come is kept: "npx switch models pull owner\/Tiny-GGUF:Tiny-Q4_K_M\.gguf" goes on from there\.\n$/)
  assert.deepEqual(filesIn(folder), [`.${file}.part`, `.${file}.part.json`])
})

test('two processes at once download once', async (t) => {
  const [mirror, folder] = [await mirrorFor(t, { bytesPerSecond: 200_000 }), temporaryFolder(t)]
  const runs = [start(t, mirror, folder, [name, '--json']), start(t, mirror, folder, [name, '--json'])]
  await until(() => bytesKept(folder) > 0)
  delete mirror.settings.bytesPerSecond
  const outcomes = await Promise.all(runs.map(({ outcome }) => outcome))
  assert.deepEqual(outcomes.map(({ code }) => code), [0, 0])
  assert.equal(rangesOf(mirror).length, 1)
  const wherePresent = outcomes.map(({ stdout }) => (JSON.parse(stdout.trimEnd().split('\n').at(-1)!) as { was_present: boolean }).was_present)
  assert.deepEqual(wherePresent.sort(), [false, true])
})

test('a name that is none ends with code 2, a model that is not there with code 1', async (t) => {
  const [mirror, folder] = [await mirrorFor(t, { files: {} }), temporaryFolder(t)]
  const unknown = await start(t, mirror, folder, ['hermes-9b']).outcome
  assert.deepEqual([unknown.code, unknown.stdout], [2, ''])
  assert.match(unknown.stderr, /names no model to pull\. The catalogue has hermes-3b-q4/)
  const absent = await start(t, mirror, folder, [name, '--json']).outcome
  assert.equal(absent.code, 1)
  assert.equal((JSON.parse(absent.stdout.trimEnd().split('\n').at(-1)!) as { code: string }).code, 'SWITCH_DOWNLOAD_NOT_FOUND')
})
