// switch models remove.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { configurationOf, folderWith, models } from '../../support/models-command.ts'

test('a broken .config.json stops use and remove before anything is changed', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  writeFileSync(join(folder, '.config.json'), '{ broken')
  for (const args of [['use', 'two'], ['remove', 'two', '--yes', '--force']]) {
    const { code, stderr } = await models(t, [...args, '--dir', folder])
    assert.equal(code, 1)
    assert.match(stderr, /\.config\.json cannot be used .*Mend it/)
  }
  assert.deepEqual(readdirSync(folder).toSorted(), ['.config.json', 'one.gguf', 'two.gguf'])
  assert.equal(readFileSync(join(folder, '.config.json'), 'utf8'), '{ broken')
})

test('remove needs a word where nobody can be asked, and force for the default', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'two.gguf')
  await models(t, ['use', 'two', '--dir', folder])
  const unasked = await models(t, ['remove', 'one', '--dir', folder])
  assert.deepEqual([unasked.code, unasked.stderr], [2, 'Nobody can be asked here: say --yes to remove it.\n'])
  const unforced = await models(t, ['remove', 'two', '--yes', '--json', '--dir', folder])
  assert.equal(unforced.code, 1)
  assert.match(JSON.parse(unforced.stdout).error, /two is the default model.*--force/)
  assert.ok(existsSync(join(folder, 'one.gguf')) && existsSync(join(folder, 'two.gguf')))
})

test('remove takes the files, the links and what .config.json says of the model', async (t) => {
  const folder = folderWith(t, 'one.gguf', 'big-00001-of-00002.gguf', 'big-00002-of-00002.gguf')
  await models(t, ['use', 'big', '--dir', folder])
  await models(t, ['use', 'big', '--fallback', '--dir', folder])
  const { code, stdout } = await models(t, ['remove', 'big', '--yes', '--force', '--json', '--dir', folder])
  assert.equal(code, 0)
  assert.deepEqual(JSON.parse(stdout), { removed: 'big', files: ['big-00001-of-00002.gguf', 'big-00002-of-00002.gguf'], freed_bytes: 2 * 4_181_760 })
  assert.deepEqual(readdirSync(folder).toSorted(), ['.config.json', 'README.md', 'ollama_models', 'one.gguf'])
  const { default_model, fallback_model, available_models } = configurationOf(folder)
  assert.deepEqual([default_model, fallback_model, available_models?.map(({ name }) => name)], [undefined, undefined, ['one']])
  assert.deepEqual(readdirSync(join(folder, 'ollama_models')), ['one.gguf'])
})
