// What a scenario works with: one model, everybody who can be asked, and how often.
import { startDirect } from './direct-subject.ts'
import type { Figures, Pair } from './figures.ts'
import { startLlamaServer } from './llama-server.ts'
import type { Missing, Programs } from './llama-cpp.ts'
import type { BenchModel } from './models.ts'
import type { Options } from './options.ts'
import { Prompts } from './prompts.ts'
import type { Service } from './subject.ts'
import { startSwitchSubject } from './switch-subject.ts'
import type { SwitchService } from './switch-subject.ts'
import { readVocabulary, wordsOf } from './vocabulary.ts'

export type Stage = {
  readonly model: BenchModel
  readonly rounds: number
  readonly callers: readonly number[]
  readonly prompts: Prompts
  readonly programs: Programs | Missing
  /** With as many slots as there are callers, at least two. The others too. */
  readonly service: SwitchService
  readonly direct: Service
  /** Undefined where llama.cpp's programs are missing. */
  readonly server: Service | undefined
}

/** A target with the figure to judge: undefined when it was not measured. */
export type Target = {
  readonly what: string
  readonly found: number | undefined
  readonly atLeast?: number
  readonly atMost?: number
  readonly unit: string
}

export type Findings = {
  readonly figures: Figures
  readonly pairs: readonly Pair[]
  readonly targets: readonly Target[]
}

export type Scenario = { readonly title: string, run(stage: Stage): Promise<Findings> }

/** Starts everybody, one after another, and asks each a question so that nobody is measured cold. */
export async function setStage(model: BenchModel, programs: Programs | Missing, { rounds, callers }: Options): Promise<Stage> {
  const slots = Math.max(2, ...callers)
  const prompts = new Prompts(wordsOf(await readVocabulary()))
  const service = await startSwitchSubject(model, slots)
  const direct = await startDirect(model, slots)
  const server = 'server' in programs ? await startLlamaServer(programs.server, model, slots) : undefined
  const stage = { model, rounds, callers, prompts, programs, service, direct, server }
  for (const subject of everybody(stage)) await subject.ask({ messages: prompts.question(64), maxTokens: 16 })
  return stage
}

export async function clearStage(stage: Stage): Promise<void> {
  for (const subject of everybody(stage)) await subject.stop()
}

export function everybody({ service, direct, server }: Stage): Service[] {
  return server === undefined ? [service, direct] : [service, direct, server]
}

/** Who begins changes from round to round, so that what slows the machine does not always meet the same. */
export function inTurns<T>(round: number, all: readonly T[]): T[] {
  return all.map((_, index) => all[(index + round) % all.length]!)
}
