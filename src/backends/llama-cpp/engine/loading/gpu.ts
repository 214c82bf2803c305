// Which build of llama.cpp is asked for: the CPU's, or one for a GPU where it is installed.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { EngineOptions } from '../../protocol.ts'
import { UnusableSetting } from './unusable-setting.ts'

type Gpu = EngineOptions['gpu']

const require = createRequire(import.meta.url)

/**
 * What `getLlama` takes as `gpu`. `auto` looks for a GPU only where a build for one is installed: to ask the drivers
 * costs time at each start.
 * @throws UnusableSetting when the build that was asked for is not installed
 */
export function gpuOption(gpu: Gpu, isInstalled: (gpu: GpuName) => boolean = hasBuild): 'auto' | GpuName | false {
  if (gpu === 'off') return false
  if (gpu === 'auto') return gpuNames.some(isInstalled) ? 'auto' : false
  if (!isInstalled(gpu)) throw new UnusableSetting(`HERMES_GPU=${gpu}, but llama.cpp's build for it is not installed for ${platform}. ${gpu === 'metal' ? 'It is part of Switch on Macs with Apple silicon alone' : `Install it with: npm run gpu -- ${gpu}`}, or set HERMES_GPU=auto`)
  return gpu
}

const gpuNames = ['cuda', 'vulkan', 'metal'] as const
type GpuName = (typeof gpuNames)[number]

const platform = `${process.platform === 'darwin' ? 'mac' : process.platform === 'win32' ? 'win' : 'linux'}-${process.arch}`

/** The package is there on every machine, but empty where its build was left out. */
function hasBuild(gpu: GpuName): boolean {
  const library = dirname(dirname(require.resolve('node-llama-cpp')))
  return [join(library, '..'), join(library, 'node_modules')].some((folder) => existsSync(join(folder, '@node-llama-cpp', `${platform}-${gpu}`, 'bins')))
}
