// One caller, a short prompt, a long answer: tokens per second beside llama-bench.
import { ask, end, forkBench } from '../../support/child.ts'
import { median } from '../../support/statistics.ts'
import type { BindingsAnswer, BindingsQuestion } from '../bindings.ts'
import { Figures } from '../figures.ts'
import { decodeRate as benchRate } from '../llama-bench.ts'
import { everybody, inTurns } from '../stage.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'
import { decodeRate } from '../subject.ts'
import type { Answer } from '../subject.ts'

const promptTokens = 32
const answerTokens = 128
const rate = 'tokens/s from the first token to the last'
const bindings = 'the bindings alone'
const wholeRate = 'tokens/s of the whole request, prompt included'
const leastOfBench = 0.97

export const decode: Scenario = { title: `${answerTokens} tokens after a prompt of ${promptTokens}, one caller`, run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  const { child } = await forkBench('engine/bindings.ts', [stage.model.path, String(stage.model.threads)], { UV_THREADPOOL_SIZE: '1' })
  const measureBindings = async () => {
    const { rate: found } = await ask<BindingsAnswer>(child, { depth: promptTokens, tokens: answerTokens } satisfies BindingsQuestion)
    figures.add(bindings, rate, found)
  }
  for (let round = 0; round < stage.rounds; round++) for (const measure of inTurns(round, [...measurements(stage, figures), measureBindings])) await measure()
  await end(child)
  const ratios = figures.ratios(rate, 'Switch', 'llama-bench')
  return {
    figures,
    pairs: [['Switch', 'llama-bench'], ['Switch', 'llama-server'], ['Switch', 'node-llama-cpp'], ['Switch', bindings], [bindings, 'llama-bench'], ['llama-server', 'llama-bench'], ['Switch, not streamed', 'Switch']],
    targets: [{ what: 'decoding, Switch beside llama-bench', found: ratios.length > 0 ? median(ratios) : undefined, atLeast: leastOfBench, unit: ' times' }]
  }
}

function measurements(stage: Stage, figures: Figures): (() => Promise<void>)[] {
  const { model, programs, prompts, service } = stage
  const question = () => ({ messages: prompts.question(promptTokens), maxTokens: answerTokens })
  const addWhole = (name: string, { startedAt, endedAt }: Answer) => figures.add(name, wholeRate, answerTokens * 1000 / (endedAt - startedAt))
  const streamed = everybody(stage).map((subject) => async () => {
    const answer = await subject.ask(question())
    figures.add(subject.name, rate, decodeRate(answer))
    addWhole(subject.name, answer)
  })
  const atOnce = async () => addWhole('Switch, not streamed', await service.askAtOnce(question()))
  const bench = 'bench' in programs ? [async () => figures.add('llama-bench', rate, await benchRate(programs.bench, model, answerTokens, promptTokens))] : []
  return [...streamed, atOnce, ...bench]
}
