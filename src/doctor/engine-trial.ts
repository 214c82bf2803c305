// Tries the engine in a process of its own: llama.cpp may crash or hang there and takes nobody with it.
import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { EngineOptions } from '../backends/llama-cpp/protocol.ts'

/** What the child tells when all went well. */
export type EngineProof = {
  /** That were decoded. */
  readonly tokens: number
  /** Such as AVX2, in llama.cpp's words. */
  readonly cpuFeatures: readonly string[]
  /** ggml's build for a kind of processor, such as haswell; null where there is but one. */
  readonly variant: string | null
  /** Such as cuda; null for the processor alone. */
  readonly gpu: string | null
}

export type EngineTrial = EngineProof | {
  /** How it ended, or what was thrown. */
  readonly failure: string
  /** Of its stderr. */
  readonly lastWords: readonly string[]
}

export type EngineTrialOptions = {
  readonly modelPath: string
  readonly gpu: EngineOptions['gpu']
  readonly signal: AbortSignal
  /** By default engine-trial-process.ts. */
  readonly entry?: string
}

export type FromTrial = EngineProof | { readonly error: string }

const ownEntry = fileURLToPath(new URL('engine-trial-process.ts', import.meta.url))
const keptLines = 5

/** Never rejects. Kills the child when `signal` aborts. */
export async function runEngineTrial({ modelPath, gpu, signal, entry = ownEntry }: EngineTrialOptions): Promise<EngineTrial> {
  const child = fork(entry, [modelPath, gpu], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  const kill = () => void child.kill('SIGKILL')
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  let words = ''
  let told: FromTrial | undefined
  child.stderr!.setEncoding('utf8').on('data', (text: string) => { words = (words + text).slice(-4000) })
  child.on('message', (message) => { told = message as FromTrial })
  const ending = await new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(`could not be started: ${error.message}`))
    child.once('close', (code, by) => resolve(signal.aborted ? 'did not end in time' : by === null ? `ended with code ${code}` : `was ended by ${by}`))
  })
  signal.removeEventListener('abort', kill)
  if (told !== undefined && !('error' in told)) return told
  return { failure: told?.error ?? `Its process ${ending}.`, lastWords: words.split('\n').filter((line) => line.trim() !== '').slice(-keptLines) }
}
