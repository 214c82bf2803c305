import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { embeddedModelPath } from '../../src/models/catalogue.ts'
import { chooseModel } from '../../src/models/choose.ts'
import type { ChooseOptions, ModelChoice } from '../../src/models/choose.ts'
import { catalogueEntry, catalogueOf } from '../support/catalogue.ts'
import { temporaryFolder } from '../support/service.ts'

const catalogue = catalogueOf(catalogueEntry({ id: 'best', file: 'Best-Model.Q4_K_M.gguf' }), catalogueEntry({ id: 'second', file: 'Second-Model.Q4_K_M.gguf' }))

/** A model folder with files of these sizes and, where given, a .config.json. */
function folderOf(t: TestContext, sizes: Record<string, number>, config?: string): string {
  const folder = temporaryFolder(t)
  for (const [file, size] of Object.entries(sizes)) writeFileSync(join(folder, file), Buffer.alloc(size))
  if (config !== undefined) writeFileSync(join(folder, '.config.json'), config)
  return folder
}

const choose = (folder: string, name = 'auto', rest: Partial<ChooseOptions> = {}): ModelChoice => chooseModel({ name, folder, hasRemoteBackend: false, catalogue, ...rest })
const found = (folder: string, file: string, name: string): ModelChoice => ({ name, path: join(folder, file), isEmbedded: false })
const embedded: ModelChoice = { name: 'switch-tiny', path: embeddedModelPath(catalogue), isEmbedded: true }

function problemOf(choice: ModelChoice): string {
  assert.ok('problem' in choice, JSON.stringify(choice))
  return choice.problem
}

const everything = { 'Best-Model.Q4_K_M.gguf': 10, 'Second-Model.Q4_K_M.gguf': 20, 'huge.gguf': 300, 'small.gguf': 5 }

test('auto takes the default of .config.json before anything else', (t) => {
  const folder = folderOf(t, everything, JSON.stringify({ default_model: 'small' }))
  assert.deepEqual(choose(folder), found(folder, 'small.gguf', 'small'))
})

test('auto takes the catalogue in its order before larger unknown files', (t) => {
  const all = folderOf(t, everything)
  assert.deepEqual(choose(all), found(all, 'Best-Model.Q4_K_M.gguf', 'best'))
  const { 'Best-Model.Q4_K_M.gguf': _best, ...rest } = everything
  const some = folderOf(t, rest)
  assert.deepEqual(choose(some), found(some, 'Second-Model.Q4_K_M.gguf', 'second'))
})

test('auto takes the largest unknown GGUF, whatever else lies there', (t) => {
  for (const largest of ['a', 'm', 'z']) {
    const folder = folderOf(t, { 'a.gguf': 5, 'm.gguf': 6, 'z.gguf': 7, 'notes.txt': 900, [`${largest}.gguf`]: 50 })
    mkdirSync(join(folder, 'folder.gguf'))
    assert.deepEqual(choose(folder), found(folder, `${largest}.gguf`, largest))
  }
})

test('auto takes an unknown file whatever the letter case of its ending', (t) => {
  const folder = folderOf(t, { 'B.GGUF': 50 })
  assert.deepEqual(choose(folder), found(folder, 'B.GGUF', 'B'))
})

test('auto goes on when the default of .config.json is not there', (t) => {
  const folder = folderOf(t, everything, JSON.stringify({ default_model: 'gone' }))
  assert.deepEqual(choose(folder), found(folder, 'Best-Model.Q4_K_M.gguf', 'best'))
})

test('ignores a .config.json that is broken or of another shape', (t) => {
  for (const config of ['{', '', 'null', '[]', '{"default_model": 3}', '{"available_models": "small"}']) {
    const folder = folderOf(t, { 'only.gguf': 5, 'small.gguf': 1 }, config)
    assert.deepEqual(choose(folder), found(folder, 'only.gguf', 'only'), config)
  }
})

test('the embedded model stands in for an empty or missing folder only without a remote backend', (t) => {
  for (const folder of [folderOf(t, {}), join(temporaryFolder(t), 'missing')]) {
    assert.deepEqual(choose(folder), embedded)
    const problem = problemOf(choose(folder, 'auto', { hasRemoteBackend: true }))
    assert.ok(problem.includes(folder) && problem.includes('HERMES_MODEL_NAME=switch-tiny'), problem)
  }
})

test('the embedded model can be named next to a remote backend, and its file in the folder goes first', (t) => {
  assert.deepEqual(choose(folderOf(t, everything), 'switch-tiny', { hasRemoteBackend: true }), embedded)
  const folder = folderOf(t, { 'switch-tiny.gguf': 5 })
  assert.deepEqual(choose(folder, 'switch-tiny'), found(folder, 'switch-tiny.gguf', 'switch-tiny'))
})

test('finds a model by its catalogue id, and by its file name with and without .gguf', (t) => {
  const folder = folderOf(t, { ...everything, 'my-model-2.5.gguf': 1 })
  assert.deepEqual(choose(folder, 'second'), found(folder, 'Second-Model.Q4_K_M.gguf', 'second'))
  for (const name of ['Second-Model.Q4_K_M', 'Second-Model.Q4_K_M.gguf']) assert.deepEqual(choose(folder, name), found(folder, 'Second-Model.Q4_K_M.gguf', 'second'))
  for (const name of ['my-model-2.5', 'my-model-2.5.gguf']) assert.deepEqual(choose(folder, name), found(folder, 'my-model-2.5.gguf', 'my-model-2.5'))
})

test('finds a model where available_models of .config.json says it lies', (t) => {
  const folder = folderOf(t, everything, JSON.stringify({ default_model: 'mine', available_models: [{ name: 'mine', path: 'small.gguf' }] }))
  assert.deepEqual(choose(folder), found(folder, 'small.gguf', 'small'))
})

test('says of a named model that is missing where it was looked for, and puts none in its place', (t) => {
  const folder = folderOf(t, { ...everything, 'notes.txt': 1 })
  for (const name of ['missing', 'missing.gguf', 'notes.txt', '.']) {
    const problem = problemOf(choose(folder, name))
    assert.ok(problem.includes(`Model ${name} was not found in ${folder}`), problem)
  }
})

test('says that a model is missing when its name cannot be a file', (t) => {
  const folder = temporaryFolder(t)
  symlinkSync('loop.gguf', join(folder, 'loop.gguf'))
  for (const name of ['x'.repeat(300), 'loop']) problemOf(choose(folder, name))
})

test('auto passes over a link that leads nowhere', (t) => {
  const folder = folderOf(t, { 'good.gguf': 5 })
  symlinkSync('loop.gguf', join(folder, 'loop.gguf'))
  assert.deepEqual(choose(folder), found(folder, 'good.gguf', 'good'))
})

test('the parts of a split model are one, found by its name without their numbers, and together the largest', (t) => {
  const folder = folderOf(t, { 'big-00001-of-00002.gguf': 30, 'big-00002-of-00002.gguf': 40, 'single.gguf': 60 })
  assert.deepEqual(choose(folder, 'big'), found(folder, 'big-00001-of-00002.gguf', 'big'))
  assert.deepEqual(choose(folder), found(folder, 'big-00001-of-00002.gguf', 'big'))
})

test('what a download has not finished is no model', (t) => {
  const folder = folderOf(t, { '.half.gguf.part': 500, '.half.gguf': 400, 'half.gguf.part': 300, 'whole.gguf': 5 })
  assert.deepEqual(choose(folder), found(folder, 'whole.gguf', 'whole'))
})

test('auto of the second local model is fallback_model of .config.json and nothing else', (t) => {
  const fallback = { isFallback: true }
  const folder = folderOf(t, everything, JSON.stringify({ default_model: 'huge', fallback_model: 'small' }))
  assert.deepEqual(choose(folder, 'auto', fallback), found(folder, 'small.gguf', 'small'))
  assert.match(problemOf(choose(folderOf(t, everything), 'auto', fallback)), /npx switch models use NAME --fallback/)
  assert.match(problemOf(choose(folderOf(t, everything, '{"fallback_model": "gone"}'), 'auto', fallback)), /Model gone was not found .* HERMES_FALLBACK_MODEL/)
})

test('a missing model of the catalogue comes with the command that gets it, another one with what can be done', (t) => {
  assert.match(problemOf(choose(folderOf(t, {}), 'second')), /npx switch models pull second\. Or set HERMES_MODEL_NAME/)
  assert.match(problemOf(choose(folderOf(t, {}), 'mine')), /Put its GGUF file there, or set HERMES_MODEL_NAME/)
  assert.match(problemOf(choose(folderOf(t, {}), 'auto', { hasRemoteBackend: true })), /npx switch models pull best\./)
})
