import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../support/service.ts'

type Locked = { version: string, dev?: boolean }
type Lock = { packages: Record<string, Locked> }

const skip = process.platform === 'win32' && 'the npm in place of the real one is a shell script'
const root = fileURLToPath(new URL('../..', import.meta.url))
const entry = 'console.log(JSON.stringify({ args: process.argv.slice(1), version: process.versions.node }))\n'
const installs = 'mkdir -p node_modules && cp package-lock.json node_modules/.package-lock.json'

/** A checkout without node_modules whose entries print what they get, and an npm that writes down its calls. */
class Checkout {
  readonly folder: string
  readonly #tools: string

  constructor(t: TestContext, { npm = installs } = {}) {
    const parent = temporaryFolder(t)
    this.folder = join(parent, 'checkout')
    this.#tools = join(parent, 'tools')
    for (const path of ['bin', 'package.json', 'package-lock.json']) cpSync(join(root, path), join(this.folder, path), { recursive: true })
    for (const name of ['src', 'scripts']) {
      mkdirSync(join(this.folder, name))
      writeFileSync(join(this.folder, name, 'main.ts'), entry)
    }
    mkdirSync(this.#tools)
    writeFileSync(join(this.#tools, 'calls'), '')
    writeFileSync(join(this.#tools, 'npm'), `#!/bin/sh\necho "$@" >> "\${0%/*}/calls"\n${npm}\n`, { mode: 0o755 })
  }

  run(script: string, ...args: string[]) {
    const env = { ...process.env, PATH: `${this.#tools}${delimiter}${process.env['PATH']}` }
    return spawnSync(process.execPath, [join('bin', script), ...args], { cwd: this.folder, env, encoding: 'utf8' })
  }

  /** The arguments of each call of npm so far. */
  get npmCalls(): string[] {
    return readFileSync(join(this.#tools, 'calls'), 'utf8').split('\n').slice(0, -1)
  }

  changeLock(file: string, change: (packages: Lock['packages']) => void): void {
    const path = join(this.folder, file)
    const lock = JSON.parse(readFileSync(path, 'utf8')) as Lock
    change(lock.packages)
    writeFileSync(path, JSON.stringify(lock))
  }
}

test('installs once with npm ci, then runs the entry with its arguments on this Node', { skip }, (t) => {
  const checkout = new Checkout(t)
  const first = checkout.run('switch.js', 'serve', '--port', '0')
  assert.equal(first.status, 0, first.stderr)
  assert.match(first.stderr, /installing dependencies \(npm ci\)/)
  const { args, version } = JSON.parse(first.stdout) as { args: string[], version: string }
  assert.deepEqual(args.slice(1), ['serve', '--port', '0'])
  assert.match(args[0]!, /main\.ts$/)
  assert.equal(version, process.versions.node)
  assert.deepEqual(checkout.npmCalls, ['ci --no-audit --no-fund --loglevel=error --omit=dev'])

  const second = checkout.run('switch.js')
  assert.equal(second.status, 0, second.stderr)
  assert.doesNotMatch(second.stderr, /installing/)
  assert.equal(checkout.npmCalls.length, 1)
})

test('installs again when the lock file names another version or a further package', { skip }, (t) => {
  const checkout = new Checkout(t)
  checkout.run('switch.js')
  checkout.changeLock('package-lock.json', (packages) => { packages['node_modules/fastify']!.version = '99.0.0' })
  checkout.run('switch.js')
  assert.equal(checkout.npmCalls.length, 2)
  checkout.changeLock('package-lock.json', (packages) => { packages['node_modules/brand-new'] = { version: '1.0.0' } })
  checkout.run('switch.js')
  assert.equal(checkout.npmCalls.length, 3)
  checkout.run('switch.js')
  assert.equal(checkout.npmCalls.length, 3)
})

test('installs the development tools only for an entry that needs them', { skip }, (t) => {
  const checkout = new Checkout(t)
  checkout.run('switch.js')
  checkout.changeLock('node_modules/.package-lock.json', (packages) => {
    for (const [path, { dev }] of Object.entries(packages)) if (dev) delete packages[path]
  })
  checkout.run('switch.js')
  assert.equal(checkout.npmCalls.length, 1)
  const script = checkout.run('run.js', 'scripts/main.ts', 'a')
  assert.equal(script.status, 0, script.stderr)
  assert.deepEqual(checkout.npmCalls.slice(1), ['ci --no-audit --no-fund --loglevel=error --include=dev'])
})

test('ends with code 1 and says what to do when npm fails, without running the entry', { skip }, (t) => {
  const checkout = new Checkout(t, { npm: 'echo "npm error network" >&2; exit 7' })
  const { status, stdout, stderr } = checkout.run('switch.js')
  assert.equal(status, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /npm error network/)
  assert.match(stderr, /npm ci failed\. Check the network or the npm registry setting, then run the command again\./)
})
