// Runs a TypeScript entry of this project on Node 24 or newer with the locked dependencies in place.
// Plain JavaScript that Node 20 understands: it runs before anything is installed.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { constants } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isWindows = process.platform === 'win32'
const neededMajor = 24
const runsNeededNode = Number(process.versions.node.split('.')[0]) >= neededMajor

/**
 * Installs what the lock file names and is not there, then runs `entry` with `args`.
 * In this process when it is Node 24 or newer, else in a child under the pinned Node of node_modules.
 * @param {string} entry path of a .ts file, relative to the project
 * @param {string[]} args
 * @param {{ development?: boolean }} options development: the entry needs the development tools too
 */
export async function launch(entry, args, { development = false } = {}) {
  const needsDevelopment = development || !runsNeededNode
  if (!isInstalled(needsDevelopment)) install(needsDevelopment)
  const file = join(root, entry)
  if (!runsNeededNode) return runUnderPinnedNode(file, args)
  process.env.NODE_COMPILE_CACHE ??= join(root, 'node_modules', '.cache', 'node')
  module.enableCompileCache()
  process.argv = [process.execPath, file, ...args]
  await import(pathToFileURL(file).href)
}

/** True when every package of the lock file stands in node_modules with its version. */
function isInstalled(needsDevelopment) {
  const wanted = readPackages(join(root, 'package-lock.json'))
  const present = readPackages(join(root, 'node_modules', '.package-lock.json'))
  if (wanted === undefined) return existsSync(join(root, 'node_modules'))
  if (present === undefined) return false
  return Object.entries(wanted).every(([path, locked]) => {
    if (path === '' || locked.optional || locked.devOptional) return true
    if (locked.dev && !needsDevelopment) return true
    return present[path]?.version === locked.version
  })
}

function readPackages(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return undefined
  }
}

function install(needsDevelopment) {
  console.error('switch: installing dependencies (npm ci); this happens once')
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', needsDevelopment ? '--include=dev' : '--omit=dev']
  // npm must not run under the Node that it is about to replace.
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(join(root, 'node_modules')))
  const { status, error } = spawnSync(isWindows ? 'npm.cmd' : 'npm', args, {
    cwd: root,
    env: { ...process.env, PATH: path.join(delimiter) },
    stdio: ['ignore', 2, 2],
    shell: isWindows
  })
  if (status === 0) return
  console.error(`switch: npm ci failed${error ? ` (${error.message})` : ''}. Check the network or the npm registry setting, then run the command again.`)
  process.exit(1)
}

function runUnderPinnedNode(file, args) {
  const node = join(root, 'node_modules', 'node', 'bin', isWindows ? 'node.exe' : 'node')
  const launcher = join(root, 'bin', 'run.js')
  const child = spawn(node, [launcher, file.slice(root.length + 1), ...args], { stdio: 'inherit' })
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    console.error(`switch: cannot run the pinned Node at ${node}: ${error.message}. Delete node_modules and run the command again.`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)))
}
