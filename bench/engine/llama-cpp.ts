// The programs of llama.cpp, built once from the very source that node-llama-cpp ships.
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { track } from '../support/child.ts'
import { cacheFolder } from './cache-folder.ts'

export type Programs = { readonly bench: string, readonly server: string }
export type Missing = { readonly reason: string }

const bundle = fileURLToPath(new URL('../../node_modules/node-llama-cpp/llama/gitRelease.bundle', import.meta.url))
const options = [
  '-DCMAKE_BUILD_TYPE=Release', '-DGGML_NATIVE=ON', '-DBUILD_SHARED_LIBS=OFF', '-DLLAMA_BUILD_TESTS=OFF', '-DLLAMA_BUILD_EXAMPLES=OFF',
  '-DLLAMA_BUILD_APP=OFF', '-DLLAMA_USE_PREBUILT_UI=OFF', '-DLLAMA_OPENSSL=OFF'
]

/** Builds them where they are not there yet, which takes 10 to 15 minutes on two cores. */
export async function findPrograms(): Promise<Programs | Missing> {
  if (!existsSync(bundle)) return { reason: 'node_modules/node-llama-cpp has no gitRelease.bundle; install it again with npm ci' }
  const folder = cacheFolder(`llama.cpp-${createHash('sha256').update(readFileSync(bundle)).digest('hex').slice(0, 12)}`)
  const programs = { bench: join(folder, 'build', 'bin', 'llama-bench'), server: join(folder, 'build', 'bin', 'llama-server') }
  if (existsSync(programs.bench) && existsSync(programs.server)) return programs
  const missing = ['git', 'cmake', 'c++'].filter((tool) => !isInstalled(tool))
  if (missing.length > 0) return { reason: `llama.cpp cannot be built without ${missing.join(', ')}; install what is missing` }
  try {
    await build(folder)
    return programs
  } catch (error) {
    return { reason: `building llama.cpp in ${folder} failed: ${(error as Error).message}. Delete that folder to begin anew` }
  }
}

/** What was cloned or compiled before an interruption is used again. */
async function build(folder: string): Promise<void> {
  console.log(`building llama-bench and llama-server in ${folder}; this happens once and takes 10 to 15 minutes`)
  if (!existsSync(join(folder, 'src', 'CMakeLists.txt'))) await execute('git', ['-c', 'advice.detachedHead=false', 'clone', '--quiet', bundle, 'src'], folder)
  await execute('cmake', ['-S', 'src', '-B', 'build', ...isInstalled('ninja') ? ['-G', 'Ninja'] : [], ...options], folder, 'quiet')
  await execute('cmake', ['--build', 'build', '--target', 'llama-bench', 'llama-server', '--parallel', String(availableParallelism())], folder)
}

async function execute(program: string, args: readonly string[], cwd: string, output: 'shown' | 'quiet' = 'shown'): Promise<void> {
  const child = track(spawn(program, args, { cwd, stdio: ['ignore', output === 'shown' ? 'inherit' : 'ignore', 'inherit'] }))
  const [code] = await once(child, 'exit') as [number | null]
  if (code !== 0) throw new Error(`${program} ${args[0]} ended with exit code ${code}`)
}

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0
}
