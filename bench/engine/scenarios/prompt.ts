// One caller, long prompts that nobody has seen: tokens per second until the first token of the answer.
import { median } from '../../support/statistics.ts'
import { Figures } from '../figures.ts'
import { promptRate } from '../llama-bench.ts'
import { everybody, inTurns } from '../stage.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'
import { firstTokenMs } from '../subject.ts'

const sizes = [512, 1500]
const mostOff = 8
const leastOfBench = 0.97

export const prompt: Scenario = { title: 'tokens of a prompt per second of waiting for the first token, one caller', run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  for (let round = 0; round < stage.rounds; round++) {
    for (const size of sizes) for (const measure of inTurns(round, measurements(stage, figures, size))) await measure()
  }
  return {
    figures,
    pairs: [['Switch', 'llama-bench'], ['Switch', 'llama-server'], ['Switch', 'node-llama-cpp']],
    targets: sizes.map((size) => {
      const ratios = figures.ratios(quantity(size), 'Switch', 'llama-bench')
      return { what: `prompt of ${size} tokens, Switch beside llama-bench`, found: ratios.length > 0 ? median(ratios) : undefined, atLeast: leastOfBench, unit: ' times' }
    })
  }
}

function measurements(stage: Stage, figures: Figures, size: number): (() => Promise<void>)[] {
  const { programs, prompts, model } = stage
  const asked = everybody(stage).map((subject) => async () => {
    const answer = await subject.ask({ messages: prompts.question(size), maxTokens: 2 })
    if (Math.abs(answer.promptTokens - size) > mostOff) throw new Error(`${subject.name} counted ${answer.promptTokens} tokens in a prompt of ${size}`)
    figures.add(subject.name, quantity(size), answer.promptTokens * 1000 / firstTokenMs(answer))
  })
  const bench = 'bench' in programs ? [async () => figures.add('llama-bench', quantity(size), await promptRate(programs.bench, model, size))] : []
  return [...asked, ...bench]
}

function quantity(size: number): string {
  return `tokens/s, prompt of ${size} tokens`
}
