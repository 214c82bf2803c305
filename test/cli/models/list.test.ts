// switch models list, and what the verbs have in common.
import assert from 'node:assert/strict'
import { existsSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readCatalogue } from '../../../src/models/catalogue.ts'
import { folderWith, models } from '../../support/models-command.ts'
import { temporaryFolder } from '../../support/service.ts'

const catalogue = readCatalogue()

test('list shows each model as it was measured, what is wrong with one, and what answers', async (t) => {
  const folder = folderWith(t, 'mine.gguf', 'hermes-7b-q4.gguf', 'cut.gguf')
  truncateSync(join(folder, 'cut.gguf'), 4_000_000)
  const { code, stdout } = await models(t, ['list'], { HERMES_MODEL_DIR: folder })
  assert.equal(code, 0)
  assert.match(stdout, /^NAME +SIZE +QUANTISATION +PARAMETERS +CONTEXT +LICENCE +WITHIN RULE +STATE$/m)
  assert.match(stdout, /^mine +4\.18 MB +F16 +2\.1M +2048 +\? +yes +installed$/m)
  assert.match(stdout, /^hermes-7b-q4 .* installed, default$/m)
  assert.match(stdout, /^cut +4 MB .* unusable$/m)
  assert.match(stdout, /^switch-tiny .* built in$/m)
  assert.match(stdout, /^- The name hermes-7b-q4\.gguf says 7\.2B and Q4, but its header says 2\.1M and F16\.$/m)
  assert.match(stdout, /^- cut\.gguf is cut short/m)
})

test('list --catalogue shows what can be had too, and --json both in full', async (t) => {
  const folder = folderWith(t, 'mine.gguf')
  const shown = await models(t, ['list', '--catalogue', '--dir', folder])
  for (const { id } of catalogue.models) assert.match(shown.stdout, new RegExp(`^${id} .* available$`, 'm'))
  const { code, stdout } = await models(t, ['list', '--catalogue', '--json', '--dir', folder])
  const report = JSON.parse(stdout)
  assert.equal(code, 0)
  assert.deepEqual([report.folder, report.default_model, report.fallback_model, report.warnings], [folder, 'mine', null, []])
  assert.deepEqual([report.models[0].name, report.models[0].size_bytes, report.models[0].within_rule], ['mine', 4_181_760, true])
  const { id, within_rule, is_installed, size_bytes } = report.catalogue[1]
  assert.deepEqual({ id, within_rule, is_installed, size_bytes }, { id: 'hermes-7b-q4', within_rule: false, is_installed: false, size_bytes: 4_110_000_000 })
})

test('list of an empty folder says how to go on, and of a set name that it goes first', async (t) => {
  const folder = join(temporaryFolder(t), 'missing')
  const { code, stdout } = await models(t, ['list'], { HERMES_MODEL_DIR: folder, HERMES_MODEL_NAME: 'switch-tiny' })
  assert.equal(code, 0)
  assert.ok(stdout.startsWith(`${folder} (not there yet)\n`), stdout)
  assert.match(stdout, /npx switch models list --catalogue/)
  assert.match(stdout, /HERMES_MODEL_NAME is switch-tiny: that answers/)
  assert.equal(existsSync(folder), false)
})

test('a verb without its name or with an unknown option is wrong usage', async (t) => {
  for (const args of [['use'], ['remove'], ['list', '--colour'], ['dance']]) assert.equal((await models(t, args)).code, 2, args.join(' '))
})
