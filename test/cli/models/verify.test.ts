// switch models verify.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { folderWith, models } from '../../support/models-command.ts'

test('verify ends with 1 when a file is not what it should be, and says why', async (t) => {
  const folder = folderWith(t, 'good.gguf', 'hermes-7b-q4.gguf', 'Llama-3.2-1B-Instruct-Q4_K_M.gguf')
  const all = await models(t, ['verify', '--json', '--dir', folder])
  assert.equal(all.code, 1)
  const verdicts = JSON.parse(all.stdout).models as { name: string, is_good: boolean, checked: string, reason: string }[]
  assert.deepEqual(verdicts.map(({ name, is_good, checked }) => [name, is_good, checked]), [['mini-1b-q4', false, 'sha256'], ['good', true, 'header'], ['hermes-7b-q4', false, 'header']])
  assert.match(verdicts[0]!.reason, /that of the catalogue is 6f85a640a97c.*npx switch models pull mini-1b-q4 --force/)
  const one = await models(t, ['verify', 'good', '--dir', folder])
  assert.deepEqual([one.code, one.stdout], [0, 'good  good: header and length are right (4.18 MB); the catalogue does not know it\n'])
})
