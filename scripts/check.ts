// npm test: types, lint, then every test that needs no network. Arguments are test files; none means all.
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bin = (name: string) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? `${name}.cmd` : name)
const files = process.argv.slice(2)

const steps: [name: string, command: string, args: string[]][] = [
  ['types', bin('tsc'), ['--noEmit']],
  ['lint', bin('oxlint'), ['--deny-warnings']],
  ['tests', process.execPath, ['--test', '--test-timeout=120000', '--test-concurrency=2', ...(files.length > 0 ? files : ['test/**/*.test.ts'])]]
]

const failed: string[] = []
for (const [name, command, args] of steps) {
  console.log(`\n> ${name}`)
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit', shell: process.platform === 'win32' })
  if (error) console.error(error.message)
  if (status !== 0) failed.push(name)
}
if (failed.length > 0) console.error(`\nFailed: ${failed.join(', ')}`)
process.exitCode = failed.length > 0 ? 1 : 0
