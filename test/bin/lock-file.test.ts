import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'

type Lock = { packages: Record<string, { version: string, resolved?: string, os?: string[] }> }

const read = (path: string) => JSON.parse(readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8'))
const { packages } = read('package-lock.json') as Lock

test('the lock file has the llama.cpp build of every platform, at one version', () => {
  const { version } = packages['node_modules/node-llama-cpp']!
  for (const platform of ['linux-x64', 'linux-arm64', 'mac-arm64-metal', 'mac-x64', 'win-x64', 'win-arm64']) {
    assert.equal(packages[`node_modules/@node-llama-cpp/${platform}`]?.version, version, platform)
  }
})

test('the large GPU builds are replaced by an empty package', () => {
  for (const build of ['linux-x64-cuda', 'linux-x64-cuda-ext', 'linux-x64-vulkan', 'win-x64-cuda', 'win-x64-cuda-ext', 'win-x64-vulkan']) {
    assert.equal(packages[`node_modules/@node-llama-cpp/${build}`]?.version, '1.0.0', build)
  }
})

test('every dependency is pinned to one exact version', () => {
  const { dependencies, devDependencies } = read('package.json') as Record<string, Record<string, string>>
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) assert.match(version, /^\d+\.\d+\.\d+$/, name)
})

test('the lock file names no registry', () => {
  for (const [path, { resolved }] of Object.entries(packages)) assert.equal(resolved, undefined, path)
})
