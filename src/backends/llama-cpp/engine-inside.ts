// An engine inside the server's own process (HERMES_ISOLATION=none): less memory, no protection.
import type { EngineConnection, EngineExit, FromEngine } from './protocol.ts'

/** Starts an engine here. It cannot be killed, only closed; an abort of llama.cpp ends the whole service. */
export function startEngineInside(): EngineConnection {
  let listener: (message: FromEngine) => void = () => undefined
  const { promise: exited, resolve } = Promise.withResolvers<EngineExit>()
  const engine = import('./engine/engine.ts').then(({ Engine }) => new Engine((message) => listener(message)))
  engine.catch((error: Error) => resolve({ how: 'could not be started', lastWords: [error.message] }))
  return {
    pid: process.pid,
    send: (message) => void engine.then((started) => started.receive(message), () => undefined),
    onMessage: (added) => {
      listener = added
    },
    onExit: (added) => void exited.then(added),
    kill: async () => {
      await engine.then((started) => started.close(), () => undefined)
      resolve({ how: 'was closed', lastWords: [] })
    }
  }
}
