// npm run gpu -- cuda|vulkan: installs llama.cpp's build for a GPU. The lock file leaves these out: they take up to 540 MB.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const modules = fileURLToPath(new URL('../node_modules', import.meta.url))
const isWindows = process.platform === 'win32'
const platform = `${isWindows ? 'win' : process.platform}-${process.arch}`

const kind = process.argv[2]
const packages = packagesFor(kind)
if (packages.length === 0) {
  console.error(problemWith(kind))
  process.exitCode = 2
} else {
  for (const [name, version] of packages) install(name, version)
  report(kind!)
}

/** The packages that node-llama-cpp names for this platform, with their versions. */
function packagesFor(gpu: string | undefined): [name: string, version: string][] {
  const { optionalDependencies } = JSON.parse(readFileSync(join(modules, 'node-llama-cpp', 'package.json'), 'utf8')) as { optionalDependencies: Record<string, string> }
  if (gpu !== 'cuda' && gpu !== 'vulkan') return []
  return Object.entries(optionalDependencies).filter(([name]) => name === `@node-llama-cpp/${platform}-${gpu}` || name === `@node-llama-cpp/${platform}-${gpu}-ext`)
}

function problemWith(gpu: string | undefined): string {
  if (gpu !== 'cuda' && gpu !== 'vulkan') return 'Say which: npm run gpu -- cuda, or npm run gpu -- vulkan. Metal needs no installing. "npm ci" takes them away again.'
  return `There is no build of llama.cpp for ${gpu} on ${platform}: there are some for x64 Linux and Windows.`
}

/** Puts a package in the place of the empty one that stands for it. npm checks what it downloads. */
function install(name: string, version: string): void {
  console.log(`installing ${name} ${version}`)
  const folder = mkdtempSync(join(tmpdir(), 'switch-gpu-'))
  try {
    const file = run(isWindows ? 'npm.cmd' : 'npm', ['pack', `${name}@${version}`, '--pack-destination', folder, '--silent']).trim().split('\n').at(-1)!
    run('tar', ['-xzf', join(folder, file), '-C', folder])
    rmSync(join(modules, name), { recursive: true, force: true })
    cpSync(join(folder, 'package'), join(modules, name), { recursive: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function run(command: string, args: string[]): string {
  const { status, error, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], shell: isWindows })
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed${error ? `: ${error.message}` : ` with code ${status}`}`)
  return stdout
}

/** Asks llama.cpp itself, in a process of its own: a driver may abort it. */
function report(gpu: string): void {
  const script = `const { getLlama } = await import('node-llama-cpp')
    const llama = await getLlama({ gpu: '${gpu}', build: 'never', skipDownload: true, progressLogs: false })
    console.log((await llama.getGpuDeviceNames()).join(', '))
    process.exit(0)`
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8', cwd: modules, stdio: ['ignore', 'pipe', 'ignore'] })
  const devices = stdout.trim()
  if (status === 0 && devices !== '') console.log(`${devices}: used from the next start on (HERMES_GPU=auto).`)
  else console.log(`Installed, but llama.cpp finds no GPU for it here: look at the driver. HERMES_GPU=auto goes on with the CPU.`)
}
