import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { delimiter } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { listen, ready } from '../support/service.ts'

/** PATH without the folders in which npm puts the Node of this project. */
const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules')).join(delimiter)
const version = spawnSync('node', ['--version'], { env: { ...process.env, PATH: path }, encoding: 'utf8' }).stdout?.trim() ?? ''
const major = Number(/^v(\d+)/.exec(version)?.[1] ?? NaN)
const reason = Number.isNaN(major) ? 'there is no node on PATH beside npm\'s' : major < 20 || major >= 24 ? `node on PATH is ${version}, not one between 20 and 23` : false

const script = `
import { createClient } from 'vx11-switch/client'
const client = createClient({ url: process.env.URL, token: 'secret' })
const request = { prompt: 'What is the capital of France?', temperature: 0 }
const { response } = await client.infer(request)
let text = ''
for await (const delta of client.stream(request)) text += delta.text
const code = await createClient({ url: process.env.URL }).infer(request).catch((error) => error.name + ' ' + error.code)
console.log(JSON.stringify({ response, text, code }))
`

test(`the client runs in the Node of the machine${reason === false ? `, ${version}` : ''}`, { skip: reason }, async (t) => {
  const { url } = await listen(t, { SWITCH_TOKEN: 'secret' })
  await ready(url)
  const root = new URL('../../', import.meta.url)
  const { stdout } = await promisify(execFile)('node', ['--input-type=module', '-e', script], { cwd: root, env: { ...process.env, PATH: path, URL: url } })
  const answer = 'The capital of France is Paris.'
  assert.deepEqual(JSON.parse(stdout), { response: answer, text: answer, code: 'SwitchRequestError SWITCH_AUTH_REQUIRED' })
})
