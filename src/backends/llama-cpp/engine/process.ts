// Entry of the engine process: binds the engine to the channel to its parent, and ends when the parent is gone.
import { Engine } from './engine.ts'
import type { ToEngine } from '../protocol.ts'

const engine = new Engine((message) => {
  if (process.connected) process.send!(message)
})

process.on('message', (message: ToEngine) => engine.receive(message))
process.on('disconnect', () => process.exit(0))
// A Ctrl-C reaches the whole process group; the parent decides when the engine ends.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
