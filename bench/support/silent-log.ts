// A log that says nothing, so that a benchmark prints its own lines alone.
import type { Log } from '../../src/observability/log.ts'

const nothing = () => undefined

export const silentLog: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing }
