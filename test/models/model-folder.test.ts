// A model folder described by what its files are, not by what they are called.
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { findModel } from '../../src/models/find-model.ts'
import { describeFolder } from '../../src/models/model-folder.ts'
import type { FolderModel } from '../../src/models/model-folder.ts'
import { modelFile, sevenBillion } from '../support/gguf-file.ts'
import { temporaryFolder } from '../support/service.ts'

const catalogue = readCatalogue()
const tiny = embeddedModelPath(catalogue)

/** A folder with copies of the embedded model under these names. */
function folderWith(t: TestContext, ...files: string[]): string {
  const folder = temporaryFolder(t)
  for (const file of files) copyFileSync(tiny, join(folder, file))
  return folder
}

async function only(folder: string): Promise<FolderModel> {
  const { models } = await describeFolder(folder, catalogue)
  assert.equal(models.length, 1, JSON.stringify(models))
  return models[0]!
}

/** A GGUF file without tensors whose header has these texts. */
function bareModel(values: Record<string, string>): Buffer {
  const number = (value: number) => Buffer.from(new BigUint64Array([BigInt(value)]).buffer)
  const word = (value: string) => Buffer.concat([number(value.length), Buffer.from(value)])
  const pairs = Object.entries(values).flatMap(([key, value]) => [word(key), Buffer.from([8, 0, 0, 0]), word(value)])
  return Buffer.concat([Buffer.from('GGUF'), Buffer.from([3, 0, 0, 0]), number(0), number(pairs.length / 3), ...pairs, Buffer.alloc(64)])
}

test('a file that somebody put there is described from its header', async (t) => {
  const model = await only(folderWith(t, 'mine.gguf'))
  const { name, file, bytes, entry, problem, doubt, sizeClass, isWithinRule, description } = model
  assert.deepEqual({ name, file, bytes, entry, problem, doubt, sizeClass, isWithinRule }, {
    name: 'mine', file: 'mine.gguf', bytes: readFileSync(tiny).length, entry: undefined, problem: undefined, doubt: undefined, sizeClass: 'tiny', isWithinRule: true
  })
  assert.deepEqual(description, { architecture: 'llama', parametersB: 0.002_066_112, quantisation: 'F16', nativeContext: 2048 })
})

test('a true 7B model in Q4_0 breaks the rule by its measured bytes, and is what its name says', async (t) => {
  const folder = temporaryFolder(t)
  renameSync(modelFile(t, sevenBillion), join(folder, 'hermes-7b-q4.gguf'))
  const { name, entry, doubt, problem, sizeClass, isWithinRule, description, bytes } = await only(folder)
  assert.deepEqual({ name, id: entry?.id, doubt, problem, sizeClass, isWithinRule }, { name: 'hermes-7b-q4', id: 'hermes-7b-q4', doubt: undefined, problem: undefined, sizeClass: '7b', isWithinRule: false })
  assert.deepEqual([description?.quantisation, description?.parametersB.toFixed(2), description?.nativeContext], ['Q4_0', '7.24', 32_768])
  assert.ok(bytes > 4e9)
})

test('a small model under the name of a large one is said to be one', async (t) => {
  assert.equal((await only(folderWith(t, 'hermes-7b-q4.gguf'))).doubt, 'The name hermes-7b-q4.gguf says 7.2B and Q4, but its header says 2.1M and F16')
})

test('a file that was cut short is found without loading it, wherever it was cut', async (t) => {
  for (const length of [4_181_759, 3_000_000, 100_000, 10, 0]) {
    const folder = folderWith(t, 'cut.gguf')
    truncateSync(join(folder, 'cut.gguf'), length)
    const { problem, description } = await only(folder)
    assert.match(problem ?? 'no problem', /cut\.gguf .*[Dd]elete (it|the file) and download the model again/, String(length))
    assert.equal(description, undefined)
  }
})

test('files that are no models of their own say what they are', async (t) => {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'mmproj.gguf'), bareModel({ 'general.architecture': 'clip' }))
  writeFileSync(join(folder, 'style.gguf'), bareModel({ 'general.architecture': 'llama', 'general.type': 'adapter' }))
  writeFileSync(join(folder, 'text.gguf'), 'This is no model, however long the text may be.')
  const problems = (await describeFolder(folder, catalogue)).models.map(({ problem }) => problem!)
  assert.match(problems[0]!, /pictures/)
  assert.match(problems[1]!, /LoRA adapter/)
  assert.match(problems[2]!, /no GGUF file/)
})

test('the parts of a split model are one model, and a missing part is named', async (t) => {
  const whole = await only(folderWith(t, 'big-00001-of-00002.gguf', 'big-00002-of-00002.gguf'))
  assert.deepEqual([whole.name, whole.file, whole.parts.length, whole.bytes, whole.problem], ['big', 'big-00001-of-00002.gguf', 2, 2 * readFileSync(tiny).length, undefined])
  const broken = await only(folderWith(t, 'big-00001-of-00003.gguf', 'big-00003-of-00003.gguf'))
  assert.match(broken.problem!, /big-00002-of-00003\.gguf are missing/)
})

test('downloads under way, folders and links to nowhere are not listed', async (t) => {
  const folder = folderWith(t, '.half.gguf', '.half.gguf.part', 'half.gguf.part')
  mkdirSync(join(folder, 'folder.gguf'))
  symlinkSync('nowhere.gguf', join(folder, 'link.gguf'))
  assert.deepEqual((await describeFolder(folder, catalogue)).models, [])
})

test('a folder that is not there is empty', async (t) => {
  const { isThere, models, warnings } = await describeFolder(join(temporaryFolder(t), 'missing'), catalogue)
  assert.deepEqual({ isThere, models, warnings }, { isThere: false, models: [], warnings: [] })
})

test('every name finds its own file, also where two files could have the same name', async (t) => {
  const folder = folderWith(t, 'hermes-7b-q4.gguf', 'Hermes-2-Pro-Mistral-7B.Q4_0.gguf', 'big.gguf', 'big-00001-of-00001.gguf', 'a.gguf', 'a.GGUF')
  const { models, configuration } = await describeFolder(folder, catalogue)
  assert.equal(new Set(models.map(({ name }) => name)).size, 6)
  for (const { name, path } of models) assert.equal(findModel(name, { folder, catalogue, configuration }), path, name)
})

test('marks what auto takes, and fallback_model of .config.json', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf', 'three.gguf')
  writeFileSync(join(folder, '.config.json'), JSON.stringify({ default_model: 'two', fallback_model: 'three' }))
  const { models, warnings } = await describeFolder(folder, catalogue)
  assert.deepEqual(models.map(({ name, isDefault, isFallback }) => [name, isDefault, isFallback]), [['one', false, false], ['three', false, true], ['two', true, false]])
  assert.deepEqual(warnings, [])
})

test('says of a .config.json what it names in vain, and what is wrong with a broken one', async (t) => {
  const folder = folderWith(t, 'one.gguf')
  writeFileSync(join(folder, '.config.json'), JSON.stringify({ default_model: 'gone', fallback_model: 'away' }))
  const { warnings } = await describeFolder(folder, catalogue)
  assert.match(warnings[0]!, /gone as its default_model, and it is not there/)
  assert.match(warnings[1]!, /away as its fallback_model.*--fallback/)
  writeFileSync(join(folder, '.config.json'), '{ broken')
  assert.match((await describeFolder(folder, catalogue)).warnings[0]!, /\.config\.json cannot be used \(.+\)\. Mend it/)
})

test('a model that .config.json names in another folder is listed too', async (t) => {
  const folder = folderWith(t)
  mkdirSync(join(folder, 'more'))
  copyFileSync(tiny, join(folder, 'more', 'x.gguf'))
  writeFileSync(join(folder, '.config.json'), JSON.stringify({ available_models: [{ name: 'mine', path: 'more/x.gguf' }] }))
  const { name, file, problem } = await only(folder)
  assert.deepEqual({ name, file, problem }, { name: 'mine', file: 'more/x.gguf', problem: undefined })
})
