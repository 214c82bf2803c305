import assert from 'node:assert/strict'
import { copyFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { smallerModel } from '../../src/models/smaller-model.ts'
import { embeddedModel } from '../support/engine.ts'
import { modelFile, sevenBillion } from '../support/gguf-file.ts'
import { temporaryFolder } from '../support/service.ts'

const fit = { contextLength: 2048, slots: 1, batchSize: 129, kvCache: 'f16', hasFlashAttention: true, hasMmap: false, adapterBytes: 0 } as const

test('names the largest installed model that fits, and neither itself nor what is no model', async (t) => {
  const folder = temporaryFolder(t)
  const large = modelFile(t, sevenBillion)
  copyFileSync(large, join(folder, 'large.gguf'))
  copyFileSync(embeddedModel, join(folder, 'small.gguf'))
  writeFileSync(join(folder, 'broken.gguf'), 'GGUF')
  assert.match((await smallerModel({ freeMb: 4000, fit, folder, than: large }))!, /^small, which is installed, needs 1\d\d MB$/)
  assert.match((await smallerModel({ freeMb: 9000, fit, folder, than: embeddedModel }))!, /^large, /)
})

test('names a model of the catalogue where none is installed, and how to get it', async (t) => {
  const folder = temporaryFolder(t)
  assert.match((await smallerModel({ freeMb: 4000, fit, folder, than: 'x.gguf' }))!, /^(\S+) of the catalogue needs about \d+ MB: npx switch models pull \1$/)
  assert.equal(await smallerModel({ freeMb: 10, fit, folder: join(folder, 'nowhere'), than: 'x.gguf' }), undefined)
})
