// The trial of the engine in its child process: the real one, and children that die.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { checkEngine } from '../../src/doctor/checks/engine.ts'
import { runEngineTrial } from '../../src/doctor/engine-trial.ts'
import { embeddedModelPath, readCatalogue } from '../../src/models/catalogue.ts'
import { temporaryFolder } from '../support/service.ts'

const modelPath = embeddedModelPath(readCatalogue())
const patient = () => AbortSignal.timeout(60_000)

test('llama.cpp really decodes with the embedded model and says which build it runs', async () => {
  const trial = await runEngineTrial({ modelPath, gpu: 'off', signal: patient() })
  assert.ok(!('failure' in trial), JSON.stringify(trial))
  assert.deepEqual([trial.tokens, trial.gpu], [4, null])
  assert.ok(trial.cpuFeatures.length > 0)
  if (process.platform === 'linux') assert.match(trial.variant!, /^[a-z]\w*/)
})

test('a model that is no model is told in words', async (t) => {
  const path = join(temporaryFolder(t), 'bad.gguf')
  writeFileSync(path, 'GGUF and nothing else')
  const trial = await runEngineTrial({ modelPath: path, gpu: 'off', signal: patient() })
  assert.ok('failure' in trial)
  assert.match(trial.failure, /^bad\.gguf /)
})

test('a child that crashes takes nobody with it, and its last words are kept', async (t) => {
  const entry = join(temporaryFolder(t), 'crash.js')
  writeFileSync(entry, 'process.stderr.write("GGML_ASSERT failed\\n", () => process.kill(process.pid, "SIGABRT"))')
  const trial = await runEngineTrial({ modelPath, gpu: 'off', signal: patient(), entry })
  assert.deepEqual(trial, { failure: 'Its process was ended by SIGABRT.', lastWords: ['GGML_ASSERT failed'] })
  const { result, message, advice } = checkEngine(trial)
  assert.equal(result, 'problem')
  assert.match(message, /ended by SIGABRT\. It said: GGML_ASSERT failed/)
  assert.match(advice!, /npm ci/)
})

test('a child that hangs is ended with the signal', async (t) => {
  const entry = join(temporaryFolder(t), 'hang.js')
  writeFileSync(entry, 'setInterval(() => undefined, 1000)')
  const trial = await runEngineTrial({ modelPath, gpu: 'off', signal: AbortSignal.timeout(50), entry })
  assert.deepEqual(trial, { failure: 'Its process did not end in time.', lastWords: [] })
})

test('an instruction that the processor does not know points to the virtual machine', () => {
  assert.match(checkEngine({ failure: 'Its process was ended by SIGILL.', lastWords: [] }).advice!, /cpu type "host"/)
  assert.equal(checkEngine({ failure: 'HERMES_GPU=cuda, but its build is not installed', lastWords: [] }).advice, 'HERMES_GPU=auto')
  assert.match(checkEngine({ failure: 'the header of switch-tiny.gguf is damaged', lastWords: [] }).advice!, /embedded model/)
})
