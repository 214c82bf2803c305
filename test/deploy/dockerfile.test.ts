import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { variableNames } from '../../src/config/schema.ts'
import { projectFolder, readProjectFile } from '../support/project-file.ts'

type Instruction = { name: string, rest: string }

/** The instructions, continued lines joined. */
const instructions: Instruction[] = readProjectFile('Dockerfile').replaceAll(/^#.*\n/gm, '').replaceAll(/\\\n/g, ' ').split('\n')
  .flatMap((line) => {
    const [, name, rest] = /^([A-Z]+)\s+(.*)$/.exec(line) ?? []
    return name === undefined || rest === undefined ? [] : [{ name, rest: rest.replaceAll(/\s+/g, ' ') }]
  })
const last = instructions.slice(instructions.findLastIndex(({ name }) => name === 'FROM'))
const onlyOne = (name: string) => {
  const found = last.filter((each) => each.name === name)
  assert.equal(found.length, 1, name)
  return found[0]!.rest
}

test('the container does not run as root', () => {
  assert.equal(onlyOne('USER'), '10001:10001')
})

test('signals reach Node: the entry point has no shell', () => {
  assert.deepEqual(JSON.parse(onlyOne('ENTRYPOINT')), ['node', '/opt/switch/bin/switch.js'])
})

test('the health check needs nothing but Node', () => {
  assert.match(onlyOne('HEALTHCHECK'), /CMD \["node", "\/opt\/switch\/deploy\/alive\.js"\]$/)
})

test('no secret is built in', () => {
  for (const { name, rest } of instructions) if (name === 'ENV' || name === 'ARG') assert.doesNotMatch(rest, /TOKEN|KEY|SECRET|PASSWORD/)
})

test('the settings that it gives exist', () => {
  const names = onlyOne('ENV').split(' ').map((pair) => pair.split('=')[0]!)
  const known = new Set<string>([...variableNames, 'NODE_ENV', 'NODE_COMPILE_CACHE'])
  assert.deepEqual(names.filter((name) => !known.has(name)), [])
})

test('the service lies outside the folders that are mounted, which would hide it', () => {
  const targets = last.filter(({ name }) => name === 'COPY').map(({ rest }) => rest.split(' ').at(-1)!)
  assert.ok(targets.length > 0)
  for (const target of targets) assert.match(target, /^\/opt\/switch\//)
})

test('it is for any processor that Node and llama.cpp are for', () => {
  for (const { rest } of instructions) assert.doesNotMatch(rest, /x64|amd64|x86/)
})

test('what it copies is there, and the builder is given it', () => {
  const allowed = readProjectFile('.dockerignore').split('\n').filter((line) => line.startsWith('!')).map((line) => line.slice(1))
  const copied = instructions.filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(' ').slice(0, -1))
  for (const path of copied) assert.ok(existsSync(join(projectFolder, path)) && allowed.some((each) => each === path || each.startsWith(`${path}/`)), path)
  for (const path of allowed) assert.ok(existsSync(join(projectFolder, path)), path)
})

test('the builder is given nothing that is not named', () => {
  assert.match(readProjectFile('.dockerignore'), /^\*$/m)
})
