// The command line of the engine's benchmark.
import { parseArgs } from 'node:util'
import { modelNames } from './models.ts'
import type { ModelName } from './models.ts'
import { scenarioNames } from './scenarios.ts'
import type { ScenarioName } from './scenarios.ts'

export type Options = {
  readonly models: readonly ModelName[]
  readonly rounds: number
  /** Callers at once of the scenario `parallel`. */
  readonly callers: readonly number[]
  readonly only: readonly ScenarioName[]
  /** Undefined: what Switch chooses for the model. */
  readonly threads: number | undefined
  /** Other programs that each keep one core busy meanwhile. */
  readonly busy: number
  /** Where all figures are written. */
  readonly json: string | undefined
}

/** @throws Error that says which option is wrong and what it takes */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      models: { type: 'string', default: 'tiny,135m' },
      rounds: { type: 'string', default: '5' },
      callers: { type: 'string', default: '1,2,4,8' },
      only: { type: 'string', default: scenarioNames.join() },
      threads: { type: 'string' },
      busy: { type: 'string' },
      json: { type: 'string' }
    }
  })
  return {
    models: namesOf('--models', values.models, modelNames),
    rounds: wholeNumber('--rounds', values.rounds, 1000),
    callers: values.callers.split(',').map((part) => wholeNumber('--callers', part, 64)),
    only: namesOf('--only', values.only, scenarioNames),
    threads: values.threads === undefined ? undefined : wholeNumber('--threads', values.threads, 512),
    busy: values.busy === undefined ? 0 : wholeNumber('--busy', values.busy, 512),
    json: values.json
  }
}

function namesOf<Name extends string>(option: string, list: string, known: readonly Name[]): Name[] {
  return list.split(',').map((part) => {
    const name = known.find((one) => one === part.trim())
    if (name === undefined) throw new Error(`${option} does not know "${part.trim()}". It takes a comma-separated list of ${known.join(', ')}.`)
    return name
  })
}

function wholeNumber(option: string, text: string, most: number): number {
  const value = Number(text)
  if (!Number.isInteger(value) || value < 1 || value > most) throw new Error(`${option} takes whole numbers from 1 to ${most}, not "${text}".`)
  return value
}
