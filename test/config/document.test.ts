import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parseEnv } from 'node:util'
import { renderConfigTable, renderEnvExample } from '../../src/config/document.ts'
import { loadConfig } from '../../src/config/load.ts'
import { defaultOf, factsOf, variableNames } from '../../src/config/schema.ts'

const readCommitted = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')

test('.env.example is what the schema renders', () => {
  assert.equal(readCommitted('.env.example'), renderEnvExample())
})

test('README.md contains the table that the schema renders', () => {
  const table = renderConfigTable()
  assert.ok(readCommitted('README.md').includes(table), `README.md must contain this table:\n${table}`)
})

test('every variable says what it is and what it takes, fit for a table row', () => {
  for (const name of variableNames) {
    const { description, expected } = factsOf(name)
    for (const text of [description, expected]) {
      assert.ok(text?.trim(), `${name} lacks a text`)
      assert.doesNotMatch(text, /[|\n]|\.$/, `${name}: ${text}`)
    }
  }
})

test('keys and tokens are marked secret, and nothing else is', () => {
  assert.deepEqual(variableNames.filter((name) => factsOf(name).secret), variableNames.filter((name) => /(_KEY|_TOKEN|_HEADERS)$/.test(name)))
})

test('.env.example names each variable once, commented out', () => {
  const lines = renderEnvExample().split('\n')
  assert.deepEqual(lines.filter((line) => /^#[A-Z_]+=/.test(line)).map((line) => line.slice(1).split('=')[0]), variableNames)
  assert.deepEqual(lines.filter((line) => line !== '' && !line.startsWith('#')), [])
  assert.deepEqual(loadConfig(parseEnv(renderEnvExample())), loadConfig({}))
})

test('.env.example with its values uncommented gives the defaults', () => {
  const uncommented = renderEnvExample().replaceAll(/^#([A-Z_]+=.+)$/gm, '$1')
  const environment = parseEnv(uncommented)
  assert.deepEqual(Object.keys(environment).sort(), variableNames.filter((name) => defaultOf(name) !== undefined).sort())
  assert.deepEqual(loadConfig(environment), loadConfig({}))
})
