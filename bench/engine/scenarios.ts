// The scenarios by name, in the order in which they run.
import { abort } from './scenarios/abort.ts'
import { decode } from './scenarios/decode.ts'
import { fairness } from './scenarios/fairness.ts'
import { memory } from './scenarios/memory.ts'
import { parallel } from './scenarios/parallel.ts'
import { prompt } from './scenarios/prompt.ts'
import { turn2 } from './scenarios/turn2.ts'
import type { Scenario } from './stage.ts'

export const scenarioNames = ['decode', 'prompt', 'parallel', 'turn2', 'abort', 'fairness', 'memory'] as const
export type ScenarioName = typeof scenarioNames[number]

export const scenarios: Record<ScenarioName, Scenario> = { decode, prompt, parallel, turn2, abort, fairness, memory }
