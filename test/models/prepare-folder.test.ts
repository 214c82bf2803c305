// README.md, .config.json and ollama_models/ of a model folder.
import assert from 'node:assert/strict'
import { copyFileSync, existsSync, lstatSync, mkdirSync, readFileSync, readdirSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { FolderConfigurationError, readFolderConfiguration } from '../../src/models/folder-configuration.ts'
import { prepareFolder } from '../../src/models/prepare-folder.ts'
import { temporaryFolder } from '../support/service.ts'

const catalogue = readCatalogue()

function folderWith(t: TestContext, ...files: string[]): string {
  const folder = temporaryFolder(t)
  for (const file of files) copyFileSync(embeddedModelPath(catalogue), join(folder, file))
  return folder
}

function configure(folder: string, configuration: unknown): void {
  writeFileSync(join(folder, '.config.json'), typeof configuration === 'string' ? configuration : JSON.stringify(configuration))
}

/** What the setup script of the original document writes. */
const original = {
  available_models: [
    { name: 'hermes-7b-q4', path: 'hermes-7b-q4.gguf', size_gb: 2.4, context_length: 2048, quantization: 'q4_0', framework: 'ollama', recommended: true },
    { name: 'mistral-3b-q4', path: 'mistral-3b-q4.gguf', size_gb: 1.2, context_length: 2048, quantization: 'q4_0', framework: 'ollama', recommended: false }
  ],
  default_model: 'hermes-7b-q4', fallback_model: 'mistral-3b-q4', framework: 'ollama'
}

const measured = { size_gb: 0.004, context_length: 2048, quantization: 'f16', framework: 'llama-cpp' }

test('makes the folder with everything in it, and a second time changes nothing', async (t) => {
  const folder = join(temporaryFolder(t), 'data', 'models')
  await prepareFolder(folder, catalogue)
  assert.deepEqual(readdirSync(folder).toSorted(), ['.config.json', 'README.md', 'ollama_models'])
  assert.deepEqual(readFolderConfiguration(folder), { available_models: [], framework: 'llama-cpp' })
  const inodes = () => ['.config.json', 'README.md'].map((file) => lstatSync(join(folder, file)).ino)
  const before = inodes()
  await prepareFolder(folder, catalogue)
  assert.deepEqual(inodes(), before)
})

test('lists what is there with its measured size, not what the original file said of it', async (t) => {
  const folder = folderWith(t, 'hermes-7b-q4.gguf', 'mine.gguf')
  configure(folder, original)
  await prepareFolder(folder, catalogue)
  assert.deepEqual(readFolderConfiguration(folder), {
    ...original,
    available_models: [
      { name: 'hermes-7b-q4', path: 'hermes-7b-q4.gguf', ...measured, framework: 'ollama', recommended: true },
      { name: 'mine', path: 'mine.gguf', ...measured, recommended: false }
    ]
  })
})

test('fields that people added stay, and so do entries of another kind and names of their own', async (t) => {
  const folder = folderWith(t, 'one.gguf')
  configure(folder, { owner: 'operations', available_models: [{ name: 'mine', path: 'one.gguf', notes: ['fast'] }, { name: 'big', path: 'hermes3:3b', framework: 'ollama' }], default_model: 'mine' })
  await prepareFolder(folder, catalogue, { fallback_model: 'one' })
  assert.deepEqual(readFolderConfiguration(folder), {
    owner: 'operations',
    available_models: [{ name: 'mine', path: 'one.gguf', notes: ['fast'], ...measured, recommended: true }, { name: 'big', path: 'hermes3:3b', framework: 'ollama' }],
    default_model: 'mine', fallback_model: 'one', framework: 'llama-cpp'
  })
})

test('a choice is written, and null takes one out', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  const { models } = await prepareFolder(folder, catalogue, { default_model: 'two' })
  assert.deepEqual(models.map(({ name, isDefault }) => [name, isDefault]), [['one', false], ['two', true]])
  assert.deepEqual(readFolderConfiguration(folder).available_models?.map(({ recommended }) => recommended), [false, true])
  await prepareFolder(folder, catalogue, { default_model: null })
  assert.equal('default_model' in readFolderConfiguration(folder), false)
})

test('a .config.json that makes no sense is left as it is, and the error says what to do', async (t) => {
  for (const broken of ['{ "default_model": ', '[]', '{"available_models": [{"name": 3}]}', '']) {
    const folder = folderWith(t, 'one.gguf')
    configure(folder, broken)
    await assert.rejects(prepareFolder(folder, catalogue, { default_model: 'one' }), (error) => error instanceof FolderConfigurationError && /Mend it, or move it away/.test(error.message))
    assert.equal(readFileSync(join(folder, '.config.json'), 'utf8'), broken)
    assert.deepEqual(readdirSync(folder).toSorted(), ['.config.json', 'one.gguf'], 'no temporary file stays')
  }
})

test('a README of somebody\'s own stays', async (t) => {
  const folder = folderWith(t)
  writeFileSync(join(folder, 'README.md'), 'mine')
  await prepareFolder(folder, catalogue)
  assert.equal(readFileSync(join(folder, 'README.md'), 'utf8'), 'mine')
})

test('links each whole model for Ollama under its short name, the default first', async (t) => {
  const folder = folderWith(t, 'hermes-7b-q4.gguf', 'hermes-7b-q2.gguf', 'mine-v1.gguf', 'split-00001-of-00001.gguf')
  writeFileSync(join(folder, 'bad.gguf'), 'no model')
  await prepareFolder(folder, catalogue, { default_model: 'hermes-7b-q2' })
  const links = join(folder, 'ollama_models')
  const targets = Object.fromEntries(readdirSync(links).map((name) => [name, readlinkSync(join(links, name))]))
  assert.deepEqual(targets, { 'hermes7b.gguf': '../hermes-7b-q2.gguf', 'hermes-7b-q4.gguf': '../hermes-7b-q4.gguf', 'mine-v1.gguf': '../mine-v1.gguf', 'split.gguf': '../split-00001-of-00001.gguf' })
  for (const name of Object.keys(targets)) assert.ok(existsSync(join(links, name)), name)
})

test('a link to a model that is gone goes too; files and links of somebody\'s own stay', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  mkdirSync(join(folder, 'ollama_models'))
  writeFileSync(join(folder, 'ollama_models', 'one.gguf'), 'a copy')
  symlinkSync('../two.gguf', join(folder, 'ollama_models', 'other.gguf'))
  await prepareFolder(folder, catalogue)
  assert.deepEqual(readdirSync(join(folder, 'ollama_models')).toSorted(), ['one.gguf', 'other.gguf', 'two.gguf'])
  assert.equal(lstatSync(join(folder, 'ollama_models', 'one.gguf')).isSymbolicLink(), false)
  rmSync(join(folder, 'two.gguf'))
  await prepareFolder(folder, catalogue)
  assert.deepEqual(readdirSync(join(folder, 'ollama_models')), ['one.gguf'])
})
