// Several callers at once: what all of them get together, and how long each waits.
import { median, quantile } from '../../support/statistics.ts'
import { Figures } from '../figures.ts'
import { everybody, inTurns } from '../stage.ts'
import type { Findings, Scenario, Stage, Target } from '../stage.ts'
import { firstTokenMs, gapsOf } from '../subject.ts'
import type { Answer, Subject } from '../subject.ts'

const promptTokens = 32
const answerTokens = 64
const requestsEach = 3
const leastOfServer = 1
const leastOfDirect = 1.25

export const parallel: Scenario = { title: `${requestsEach} requests each, one after another, of ${promptTokens} tokens for ${answerTokens}`, run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  for (let round = 0; round < stage.rounds; round++) {
    for (const callers of stage.callers) for (const subject of inTurns(round, everybody(stage))) note(figures, subject.name, callers, await batch(stage, subject, callers))
  }
  return {
    figures,
    pairs: [['Switch', 'llama-server'], ['Switch', 'node-llama-cpp']],
    targets: stage.callers.flatMap((callers) => callers === 1 ? [] : [target(figures, callers, 'llama-server', leastOfServer), target(figures, callers, 'node-llama-cpp', leastOfDirect)])
  }
}

async function batch({ prompts }: Stage, subject: Subject, callers: number): Promise<Answer[]> {
  const answers: Answer[] = []
  await Promise.all(Array.from({ length: callers }, async () => {
    for (let request = 0; request < requestsEach; request++) answers.push(await subject.ask({ messages: prompts.question(promptTokens), maxTokens: answerTokens }))
  }))
  return answers
}

function note(figures: Figures, name: string, callers: number, answers: readonly Answer[]): void {
  const wallMs = Math.max(...answers.map(({ endedAt }) => endedAt)) - Math.min(...answers.map(({ startedAt }) => startedAt))
  const firsts = answers.map(firstTokenMs)
  const gaps = answers.flatMap(({ textTimes }) => gapsOf(textTimes))
  figures.add(name, throughput(callers), answers.length * answerTokens * 1000 / wallMs)
  figures.add(name, `ms to the first token, median, ${callers} callers`, quantile(firsts, 0.5))
  figures.add(name, `ms to the first token, p95, ${callers} callers`, quantile(firsts, 0.95))
  figures.add(name, `ms between two pieces of text, p99, ${callers} callers`, quantile(gaps, 0.99))
}

function target(figures: Figures, callers: number, reference: string, atLeast: number): Target {
  const ratios = figures.ratios(throughput(callers), 'Switch', reference)
  return { what: `${callers} callers together, Switch beside ${reference}`, found: ratios.length > 0 ? median(ratios) : undefined, atLeast, unit: ' times' }
}

function throughput(callers: number): string {
  return `tokens/s of all together, ${callers} callers`
}
