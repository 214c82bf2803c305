// switch models pull: brings a model into the model folder, or has Ollama pull it.
import type { Config } from '../../config/schema.ts'
import { systemClock } from '../../inference/clock.ts'
import { SwitchError } from '../../inference/errors.ts'
import { createPuller } from '../../models/download/create-puller.ts'
import type { PullResult } from '../../models/download/progress.ts'
import type { Log } from '../../observability/log.ts'
import { readConfig, readEnvironment } from '../settings.ts'
import { jsonDisplay, pullDisplay } from './pull-display.ts'
import type { PullDisplay } from './pull-display.ts'
import { bytesText } from './pull-text.ts'

export type PullCommandOptions = { json?: boolean, force?: boolean, dir?: string }

/** Ends with code 0, with 1 when the pull failed or was stopped, with 2 when the name is none. */
export async function pull(name: string, { json = false, force = false, dir }: PullCommandOptions): Promise<void> {
  const config = readConfig(readEnvironment())
  const display = json ? jsonDisplay(process.stdout) : pullDisplay(process.stderr, systemClock)
  const stop = stopOnSignal()
  try {
    const puller = createPuller(config, logTo(display), dir)
    const result = await puller.pull(name, { force, signal: stop, onProgress: (progress) => display.progress(progress) })
    if (json) console.log(JSON.stringify({ event: 'done', ...result }))
    else console.log(summaryOf(result, config, name, dir))
  } catch (error) {
    const known = stop.aborted ? stopped(name) : error
    if (!(known instanceof SwitchError)) throw known
    if (json) console.log(JSON.stringify({ event: 'error', error: known.message, code: known.code }))
    else display.note(known.message)
    process.exitCode = known.code === 'SWITCH_MODEL_UNKNOWN' ? 2 : 1
  }
}

function stopped(name: string): SwitchError {
  return new SwitchError('SWITCH_DOWNLOAD_FAILED', `Stopped. What has come is kept: "npx switch models pull ${name}" goes on from there.`)
}

/** Where it lies, and what to do next. */
function summaryOf({ model, path, bytes, sha256, was_present: wasPresent }: PullResult, config: Config, name: string, folder: string | undefined): string {
  const where = path === undefined ? `in Ollama at ${config.OLLAMA_BASE_URL}` : `at ${path}`
  const checksum = sha256 === null ? '' : `, sha256 ${sha256}`
  const file = path?.split('/').at(-1)
  const next = path === undefined ? `HERMES_MODEL_NAME=${name}` : `npx switch models use ${model === name ? name : file}${folder === undefined ? '' : ` --dir ${folder}`}`
  return `${model} ${wasPresent ? 'was there already' : 'is there'} ${where} (${bytesText(bytes)}${checksum}).\nTo answer with it: ${next}`
}

/** The first signal stops in good order; the second ends at once. */
function stopOnSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(1)
      controller.abort(new Error(signal))
    })
  }
  return controller.signal
}

/** Warnings of a download, such as a new try, are for whoever watches. */
function logTo(display: PullDisplay): Log {
  const say = (facts: unknown, text?: string) => display.note(text ?? String(facts))
  return { debug: () => undefined, info: () => undefined, warn: say, error: say }
}
