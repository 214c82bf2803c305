import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readOptions } from '../../../bench/engine/options.ts'

test('lists and numbers are read', () => {
  const options = readOptions(['--models', 'tiny,1b', '--only', 'decode', '--rounds', '2', '--callers', '1,3', '--threads', '4', '--busy', '1'])
  assert.deepEqual(options, { models: ['tiny', '1b'], only: ['decode'], rounds: 2, callers: [1, 3], threads: 4, busy: 1, json: undefined })
})

const refused = {
  'an unknown model': { args: ['--models', 'huge'], message: '--models does not know "huge". It takes a comma-separated list of tiny, 135m, 1b.' },
  'an unknown scenario': { args: ['--only', 'decode,speed'], message: '--only does not know "speed". It takes a comma-separated list of decode, prompt, parallel, turn2, abort, fairness, memory.' },
  'a number that is none': { args: ['--rounds', 'many'], message: '--rounds takes whole numbers from 1 to 1000, not "many".' },
  'no callers': { args: ['--callers', '0'], message: '--callers takes whole numbers from 1 to 64, not "0".' }
}

for (const [what, { args, message }] of Object.entries(refused)) {
  test(`${what} is refused with what would do`, () => assert.throws(() => readOptions(args), { message }))
}
