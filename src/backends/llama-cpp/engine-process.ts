// An engine in a child process: none of llama.cpp's aborts and hangs takes the service down.
import { fork } from 'node:child_process'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { fromEngineDescriptor } from './protocol.ts'
import type { EngineConnection, EngineExit, FromEngine } from './protocol.ts'
import { readLines } from './read-lines.ts'

const entry = fileURLToPath(new URL('engine/process.ts', import.meta.url))
/** Collect garbage early: the engine makes little, and V8 would keep 45 MB of it. Neither limits the heap. */
const smallHeap = ['--max-semi-space-size=4', '--initial-old-space-size=8']
/**
 * One arena of glibc's malloc for all threads: with several, what the samplers allocate and free was spread over them and
 * never given back (171 to 213 MB in a thousand requests; with one, 158 to 161).
 * One thread for asynchronous work, too: a batch comes from one of libuv's threads and starts llama.cpp's other threads
 * from there; out of four in turn, decoding on two cores was little more than half as fast.
 */
const environment = { MALLOC_ARENA_MAX: '1', UV_THREADPOOL_SIZE: '1' }
/** Lines of the child's stderr that are kept to explain its death. */
const keptLines = 20

/** Starts an engine process. Its stderr is captured: llama.cpp's last words explain an abort. */
export function startEngineProcess(): EngineConnection {
  const child = fork(entry, { serialization: 'advanced', stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'], execArgv: [...process.execArgv, ...smallHeap], env: { ...environment, ...process.env } })
  const lastWords: string[] = []
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    lastWords.push(...text.split('\n').filter((line) => line.trim() !== ''))
    lastWords.splice(0, Math.max(0, lastWords.length - keptLines))
  })
  const { promise: exited, resolve } = Promise.withResolvers<EngineExit>()
  child.once('error', (error) => resolve({ how: 'could not be started', lastWords: [error.message] }))
  // Not 'exit': stderr is read to its end first.
  child.once('close', (code, signal) => resolve({ how: signal ? `was ended by ${signal}` : `ended with code ${code}`, lastWords }))
  return {
    pid: child.pid,
    send: (message) => {
      if (child.connected) child.send(message, () => undefined)
    },
    onMessage: (listener) => readLines(child.stdio[fromEngineDescriptor] as Readable, (line) => listener(JSON.parse(line) as FromEngine)),
    onExit: (listener) => void exited.then(listener),
    kill: async () => {
      child.kill('SIGKILL')
      await exited
    }
  }
}
