// Entry of the engine process: binds the engine to the channels to its parent, and ends when the parent is gone.
import { writeFileSync } from 'node:fs'
import { Engine } from './engine.ts'
import { fromEngineDescriptor } from '../protocol.ts'
import type { FromEngine, ToEngine } from '../protocol.ts'

const engine = new Engine(post)

process.on('message', (message: ToEngine) => engine.receive(message))
process.on('disconnect', () => process.exit(0))
// A Ctrl-C reaches the whole process group; the parent decides when the engine ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

/** One line of JSON, written whole before anything else is done. `process.send` would take 0.4 ms of each token's time, this takes less than 0.1. */
function post(message: FromEngine): void {
  try {
    writeFileSync(fromEngineDescriptor, `${JSON.stringify(message)}\n`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') process.exit(0)
    throw error
  }
}
