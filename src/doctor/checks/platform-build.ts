// Whether there is a build of llama.cpp for this system, and for the GPU that was asked for.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ok, problem, wordsOf } from '../finding.ts'
import type { Finding } from '../finding.ts'
import type { Machine } from '../machine.ts'

/** The systems that node-llama-cpp has builds for and Switch does not leave out. */
const known = ['linux-x64', 'linux-arm64', 'mac-x64', 'mac-arm64-metal', 'win-x64', 'win-arm64']

export type PlatformQuestion = Pick<Machine, 'platform' | 'arch' | 'glibcVersion'> & {
  /** True when the package's build lies there. */
  readonly hasBuild?: (packageName: string) => boolean
}

export function checkPlatformBuild({ platform, arch, glibcVersion, hasBuild = hasBuildHere }: PlatformQuestion): Finding {
  const system = systemOf(platform, arch)
  const packageName = `@node-llama-cpp/${system}`
  const facts = { system, package: packageName, glibc_version: glibcVersion ?? null }
  const elsewhere = 'HERMES_FRAMEWORK=ollama'
  if (!known.includes(system)) return problem(`There is no build of llama.cpp for ${platform} on ${arch}: only for ${known.join(', ')}.`, `Let another server run the model: ${elsewhere}`, facts)
  if (platform === 'linux' && glibcVersion === undefined) {
    return problem('llama.cpp\'s builds for Linux need glibc, and this system has another C library (musl, as in Alpine).', `Use an image with glibc, such as node:24-bookworm-slim, or let another server run the model: ${elsewhere}`, facts)
  }
  try {
    if (hasBuild(packageName)) return ok(`llama.cpp's build for ${system} is installed${glibcVersion === undefined ? '' : ` (glibc ${glibcVersion})`}.`, facts)
  } catch (error) {
    return problem(`node-llama-cpp is not installed: ${wordsOf(error)}.`, 'npm ci', facts)
  }
  return problem(`llama.cpp's build for ${system} is not installed: npm leaves ${packageName} out when optional packages are omitted, or when node_modules came from another system.`, 'npm ci --include=optional', facts)
}

function systemOf(platform: NodeJS.Platform, arch: string): string {
  if (platform === 'darwin') return arch === 'arm64' ? 'mac-arm64-metal' : `mac-${arch}`
  return `${platform === 'win32' ? 'win' : platform}-${arch}`
}

/** The package may be there and empty. */
function hasBuildHere(packageName: string): boolean {
  const library = dirname(dirname(createRequire(import.meta.url).resolve('node-llama-cpp')))
  return [join(library, '..'), join(library, 'node_modules')].some((folder) => existsSync(join(folder, packageName, 'bins')))
}
