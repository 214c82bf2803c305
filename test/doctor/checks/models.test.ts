// The checks of the local models: their files, their folder's configuration, and their memory.
import assert from 'node:assert/strict'
import { copyFileSync, truncateSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { specsOf } from '../../../src/config/configuration.ts'
import { loadConfig } from '../../../src/config/load.ts'
import type { Environment } from '../../../src/config/load.ts'
import { checkEmbeddedModel } from '../../../src/doctor/checks/embedded-model.ts'
import { checkFolderConfiguration } from '../../../src/doctor/checks/folder-configuration.ts'
import { checkModelFile } from '../../../src/doctor/checks/model-file.ts'
import { checkModelMemory } from '../../../src/doctor/checks/model-memory.ts'
import { localSpecs } from '../../../src/doctor/ground.ts'
import { embeddedModelPath, readCatalogue } from '../../../src/models/catalogue.ts'
import { modelFile, sevenBillion } from '../../support/gguf-file.ts'
import { folderWith } from '../../support/models-command.ts'
import { temporaryFolder } from '../../support/service.ts'

const catalogue = readCatalogue()
const specsIn = (folder: string, environment: Environment = {}) => localSpecs({ specs: specsOf(loadConfig({ HERMES_MODEL_DIR: folder, ...environment })) })
const check = (folder: string, environment: Environment = {}, isVerifying = false) => checkModelFile(specsIn(folder, environment)[0]!, { catalogue, isVerifying, hasOthers: environment['OPENAI_API_KEY'] !== undefined })

test('a model that is whole, and what --verify adds', async (t) => {
  const folder = folderWith(t, 'mine.gguf')
  const { result, message, facts } = await check(folder)
  assert.deepEqual([result, message], ['ok', 'mine (mine.gguf, 4.18 MB, F16): header and length are right.'])
  assert.equal(facts!['bytes'], 4_181_760)
  assert.match((await check(folder, {}, true)).message, /the catalogue does not know it/)
})

test('a model that is cut short, or not what its name says', async (t) => {
  const folder = folderWith(t, 'cut.gguf', 'hermes-7b-q4.gguf')
  truncateSync(join(folder, 'cut.gguf'), 4_000_000)
  assert.deepEqual([await check(folder, { HERMES_MODEL_NAME: 'cut' })].map(({ result, message }) => [result, message.startsWith('cut.gguf is cut short')]), [['problem', true]])
  const doubt = await check(folder, { HERMES_MODEL_NAME: 'hermes-7b-q4' })
  assert.deepEqual([doubt.result, doubt.advice], ['warning', 'npx switch models pull hermes-7b-q4 --force'])
})

test('a checksum is compared with --verify alone', async (t) => {
  const known = catalogue.models.find(({ sha256 }) => sha256 !== null)!
  const folder = temporaryFolder(t)
  const spec = () => specsIn(folder, { HERMES_MODEL_NAME: known.id })[0]!
  copyFileSync(embeddedModelPath(catalogue), join(folder, known.file))
  // An entry that says of this file what is true of it, but for the checksum.
  const description = { ...known, parameters_b: 0.0021, quantisation: 'F16', size_bytes: 4_181_760 }
  const options = { catalogue: { ...catalogue, models: [description] }, hasOthers: false }
  assert.match((await checkModelFile(spec(), { ...options, isVerifying: false })).message, /Its checksum is compared with --verify alone/)
  const verified = await checkModelFile(spec(), { ...options, isVerifying: true })
  assert.deepEqual([verified.result, verified.advice], ['problem', `npx switch models pull ${known.id} --force`])
  assert.match(verified.message, new RegExp(`that of the catalogue is ${known.sha256}`))
})

test('a model that is not there: named it is a problem, found by nobody a lack', async (t) => {
  const folder = temporaryFolder(t)
  assert.deepEqual([await check(folder, { HERMES_MODEL_NAME: 'hermes-3b-q4' })].map(({ result, advice }) => [result, advice]), [['problem', 'npx switch models pull hermes-3b-q4']])
  assert.deepEqual([await check(folder, { OPENAI_API_KEY: 'sk' })].map(({ result, advice }) => [result, advice]), [['warning', `npx switch models pull ${catalogue.models[0]!.id}`]])
  assert.match((await check(folder)).message, /^switch-tiny answers, the embedded demo model/)
  assert.equal((await check(folder, { HERMES_MODEL_NAME: 'switch-tiny' })).result, 'ok')
})

test('.config.json that makes no sense, or names what is not there', async (t) => {
  const folder = folderWith(t, 'mine.gguf')
  assert.equal((await checkFolderConfiguration(folder, catalogue)).result, 'skipped')
  writeFileSync(join(folder, '.config.json'), '{')
  assert.match((await checkFolderConfiguration(folder, catalogue)).message, /cannot be used/)
  writeFileSync(join(folder, '.config.json'), '{"default_model": "gone"}')
  assert.deepEqual([await checkFolderConfiguration(folder, catalogue)].map(({ result, advice }) => [result, advice]), [['warning', 'npx switch models use NAME']])
  writeFileSync(join(folder, '.config.json'), '{"default_model": "mine"}')
  assert.equal((await checkFolderConfiguration(folder, catalogue)).result, 'ok')
})

test('the embedded model is looked at, and a damaged one can be had again', async (t) => {
  assert.equal((await checkEmbeddedModel(embeddedModelPath(catalogue))).result, 'ok')
  const folder = folderWith(t, 'switch-tiny.gguf')
  truncateSync(join(folder, 'switch-tiny.gguf'), 100)
  const { result, advice } = await checkEmbeddedModel(join(folder, 'switch-tiny.gguf'))
  assert.equal(result, 'problem')
  assert.ok(advice!.startsWith(`git checkout -- ${join(folder, 'switch-tiny.gguf')}\n`))
})

test('a model that fits tells its numbers and the longest context', async (t) => {
  const folder = dirname(modelFile(t, sevenBillion))
  const { result, message, facts } = await checkModelMemory(specsIn(folder), 16_000, { memoryMb: 32_000, freeMemoryMb: 30_000 })
  assert.equal(result, 'ok')
  assert.match(message, /^model \(hermes\) needs \d+ MB: \d+ for weights, \d+ for the KV cache, \d+ for buffers and the process\. With 16000 MB/)
  const { total_mb, weights_mb, kv_cache_mb, buffers_mb, longest_context } = facts!['hermes'] as Record<string, number>
  assert.equal(total_mb, weights_mb! + kv_cache_mb! + buffers_mb!)
  assert.ok(longest_context! > 2048)
})

test('a model that does not fit says which context, which model or how much more would', async (t) => {
  const folder = dirname(modelFile(t, sevenBillion))
  const fitting = await checkModelMemory(specsIn(folder), 32_000, { memoryMb: 64_000, freeMemoryMb: 60_000 })
  const { total_mb } = fitting.facts!['hermes'] as Record<string, number>
  copyFileSync(embeddedModelPath(catalogue), join(folder, 'small.gguf'))
  const { result, message, advice } = await checkModelMemory(specsIn(folder, { HERMES_MODEL_NAME: 'model' }), total_mb! - 100, { memoryMb: 64_000, freeMemoryMb: 60_000 })
  assert.equal(result, 'problem')
  assert.match(message, new RegExp(`needs ${total_mb} MB: .* and ${total_mb! - 100} MB are left for it\\.$`))
  assert.match(advice!, /^HERMES_CONTEXT_LENGTH=\d+\nor A smaller model: small, which is installed, needs \d+ MB\nor HERMES_MAX_MEMORY_MB=/)
})

test('memory that others have taken is told, and two models share the limit', async (t) => {
  const folder = folderWith(t, 'mine.gguf', 'other.gguf')
  const specs = specsIn(folder, { HERMES_MODEL_NAME: 'mine', HERMES_FALLBACK_MODEL: 'other' })
  const busy = await checkModelMemory(specs, 4096, { memoryMb: 8000, freeMemoryMb: 50 })
  assert.equal(busy.result, 'warning')
  assert.match(busy.message, /Only 50 MB are free now/)
  const tight = await checkModelMemory(specs, 200, { memoryMb: 8000, freeMemoryMb: 8000 })
  assert.match(tight.message, /^other \(hermes-fallback\) needs \d+ MB/)
  assert.equal((await checkModelMemory([], 4096, { memoryMb: 8000, freeMemoryMb: 8000 })).result, 'skipped')
})
