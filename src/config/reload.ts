// Reads the routes and backends again and puts them in place, or says why not and leaves everything as it is.
import type { RegistryChange } from '../backends/live-registry.ts'
import type { Log } from '../observability/log.ts'
import { ConfigError } from './problem.ts'
import type { Specs } from './specs.ts'

export type ReloadOptions = {
  /** @throws ConfigError */
  read: () => Promise<Specs>
  apply: (specs: Specs) => Promise<RegistryChange>
  log: Log
}

/** A function that reloads once. It never rejects; calls that overlap run one after the other. */
export function createReload({ read, apply, log }: ReloadOptions): (why: string) => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  const reload = async (why: string) => {
    try {
      const { added, removed, replaced, kept } = await apply(await read())
      log.info({ why, added, removed, replaced, kept }, 'configuration reloaded')
    } catch (error) {
      if (error instanceof ConfigError) log.error({ why, problems: error.problems }, `The new configuration is refused and the old one stays. ${error.message}`)
      else log.error({ why, err: error }, 'The new configuration could not be put in place; the old one stays.')
    }
  }
  return (why) => {
    last = last.then(() => reload(why))
    return last
  }
}
