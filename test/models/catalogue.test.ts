// What models/catalogue.json says, and the size rule that it is measured by.
import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { gigabytes, isEntryWithinRule, nearestWithinRule, ruleBroken, sizeClassOf, withinRule } from '../../src/models/size-rule.ts'
import { catalogueEntry, catalogueOf } from '../support/catalogue.ts'
import { temporaryFolder } from '../support/service.ts'

const catalogue = readCatalogue()
const entry = (id: string) => catalogue.models.find((model) => model.id === id)!

test('knows the names of the original document, and a model for each size', () => {
  for (const id of ['hermes-7b-q4', 'mistral-3b-q4', 'hermes-7b-q2', 'hermes-3b-q4', 'mini-1b-q4', 'qwen3-4b-q4', 'smoke-135m']) assert.ok(entry(id), id)
  assert.ok(existsSync(embeddedModelPath(catalogue)))
})

test('a damaged list is named, with what is wrong in it', (t) => {
  const file = join(temporaryFolder(t), 'catalogue.json')
  const read = () => readCatalogue(pathToFileURL(file))
  assert.throws(read, { message: /cannot be read; .*catalogue\.json: ENOENT/ })
  writeFileSync(file, '{"embedded": ')
  assert.throws(read, { message: /catalogue\.json: .*JSON/ })
  writeFileSync(file, JSON.stringify({ ...catalogue, models: [{ ...catalogue.models[0], size_bytes: -1 }] }))
  assert.throws(read, { message: /catalogue\.json: [^]*models\[0\]\.size_bytes/ })
})

test('no two entries have a name or a file in common', () => {
  for (const key of ['id', 'file'] as const) assert.equal(new Set(catalogue.models.map((model) => model[key])).size, catalogue.models.length, key)
  assert.equal(new Set(catalogue.models.flatMap(({ sha256 }) => sha256 ?? [])).size, catalogue.models.filter(({ sha256 }) => sha256 !== null).length)
})

test('the size class of each entry is that of its parameters', () => {
  for (const { id, parameters_b, size_class } of catalogue.models) assert.equal(size_class, sizeClassOf(parameters_b), id)
})

test('the bytes of each entry are possible for its parameters', () => {
  for (const { id, parameters_b, size_bytes } of catalogue.models) {
    const bits = size_bytes! * 8 / (parameters_b * 1e9)
    assert.ok(bits > 2.5 && bits < 9, `${id}: ${bits} bits a parameter`)
  }
})

test('the rule is 3 GB for a 7B model and 1 GB for a 3B model, of 10^9 bytes', () => {
  assert.deepEqual([withinRule(3e9, '7b'), withinRule(3e9 + 1, '7b'), withinRule(1e9, '3b'), withinRule(1e9 + 1, '3b')], [true, false, true, false])
  assert.deepEqual([0.135, 1.24, 3.2, 4, 7.24, 8, 14].map(sizeClassOf), ['tiny', '1b', '3b', '3b', '7b', 'larger', 'larger'])
})

test('no 4-bit 7B and no 3B model keeps the rule, and what does is named instead', () => {
  for (const [id, instead] of [['hermes-7b-q4', 'hermes-7b-q2'], ['hermes-3b-q4', 'mini-1b-q4'], ['mistral-3b-q4', 'mini-1b-q4']] as const) {
    const { size_bytes, parameters_b, size_class, note } = entry(id)
    assert.equal(isEntryWithinRule(entry(id)), false)
    assert.equal(nearestWithinRule(parameters_b, size_class, catalogue)?.id, instead)
    assert.ok(ruleBroken(id, size_bytes!, parameters_b, catalogue).includes(`; ${instead} (`))
    assert.ok(note.includes(instead), note)
  }
  assert.ok(isEntryWithinRule(entry('hermes-7b-q2')) && isEntryWithinRule(entry('mini-1b-q4')))
})

test('names nothing instead where nothing keeps the rule', () => {
  const large = catalogueOf(catalogueEntry({ id: 'large', file: 'large.gguf', size_bytes: 2e9, size_class: '3b', parameters_b: 3 }))
  assert.equal(nearestWithinRule(3, '3b', large), undefined)
  assert.equal(ruleBroken('mine', 2.02e9, 3, large), 'mine has 2.02 GB, more than the 1 GB for a model of its size')
})

test('sizes are written as people read them', () => {
  assert.deepEqual([145_000_000, 4_181_760, 2_020_000_000, 4_110_000_000, 9_001_753_536].map(gigabytes), ['145 MB', '4.18 MB', '2.02 GB', '4.11 GB', '9 GB'])
})
