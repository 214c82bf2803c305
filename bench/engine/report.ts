// What the benchmark prints, and what it writes as JSON.
import { writeFileSync } from 'node:fs'
import { cpus } from 'node:os'
import { expectAtLeast, expectAtMost, notMeasured } from '../support/targets.ts'
import type { Missing, Programs } from './llama-cpp.ts'
import type { BenchModel } from './models.ts'
import { scenarios } from './scenarios.ts'
import type { ScenarioName } from './scenarios.ts'
import type { Findings, Stage, Target } from './stage.ts'

/** Collects the findings of all models and judges the targets at the end. */
export class Report {
  readonly #programs: Programs | Missing
  readonly #findings: (Omit<Findings, 'pairs'> & { model: string, threads: number, isJudged: boolean, scenario: string, title: string })[] = []

  constructor(programs: Programs | Missing, rounds: number) {
    this.#programs = programs
    console.log(`${machine()}; ${rounds} rounds in turns; medians, in brackets the least and the most; behind a subject, how many times another's figure of the same round`)
    if ('reason' in programs) console.log(`llama-bench and llama-server are left out: ${programs.reason}`)
  }

  begin({ title, threads, isJudged }: BenchModel): void {
    console.log(`\n${title}; every engine with ${threads === 1 ? 'one thread' : `${threads} threads`}${isJudged ? '' : '; not judged: HTTP and the messages between processes take longer than this model does'}`)
  }

  /** Runs a scenario: its title first, since its figures take minutes. */
  async run(name: ScenarioName, stage: Stage): Promise<void> {
    const { model } = stage
    const scenario = scenarios[name]
    console.log(`\n${model.name}, ${name}: ${scenario.title}`)
    const { figures, pairs, targets } = await scenario.run(stage)
    figures.print(pairs)
    this.#findings.push({ model: model.name, threads: model.threads, isJudged: model.isJudged, scenario: name, title: scenario.title, figures, targets })
  }

  judge(): void {
    console.log('\ntargets')
    for (const { model, isJudged, targets } of this.#findings) if (isJudged) for (const target of targets) this.#judgeOne(model, target)
  }

  write(path: string): void {
    writeFileSync(path, `${JSON.stringify({ machine: machine(), findings: this.#findings }, undefined, 2)}\n`)
  }

  #judgeOne(model: string, { what, found, atLeast, atMost, unit }: Target): void {
    const line = `${model}, ${what}`
    if (found === undefined) notMeasured(line, 'reason' in this.#programs ? this.#programs.reason : 'its scenario did not run')
    else if (atLeast !== undefined) expectAtLeast(line, found, atLeast, unit)
    else if (atMost !== undefined) expectAtMost(line, found, atMost, unit)
  }
}

function machine(): string {
  return `${cpus()[0]?.model.trim() ?? 'unknown processor'}, ${cpus().length} cores, Node ${process.versions.node}`
}
