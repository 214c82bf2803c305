// Tells when a file was changed, also when an editor puts a new file in its place.
import { watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { Log } from '../observability/log.ts'

/** Editors write in several steps; this long after the last one the file counts as written, in milliseconds. */
const quietMs = 200

/** What Kubernetes exchanges when it writes a mounted ConfigMap: the file itself is a link that stays. */
const kubernetesLink = '..data'

/**
 * Calls `onChange` after each change of the file at `path`. Watches its folder, because a watch of the file itself
 * ends when it is replaced. Where the system cannot watch, a warning says so and nothing is ever called.
 * @returns a function that stops it
 */
export function watchFile(path: string, onChange: () => void, log: Log): () => void {
  let timer: NodeJS.Timeout | undefined
  const note = (name: string | null) => {
    if (name !== null && name !== basename(path) && name !== kubernetesLink) return
    clearTimeout(timer)
    timer = setTimeout(onChange, quietMs).unref()
  }
  const giveUp = (error: Error) => log.warn({ err: error, path }, 'changes of the file are not noticed; send SIGHUP to reload it')
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => note(name)).on('error', giveUp)
    return () => {
      watcher.close()
      clearTimeout(timer)
    }
  } catch (error) {
    giveUp(error as Error)
    return () => undefined
  }
}
