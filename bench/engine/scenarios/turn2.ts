// The second turn of a conversation: its beginning is known already, and need not be evaluated again.
import { median } from '../../support/statistics.ts'
import { Figures } from '../figures.ts'
import { inTurns } from '../stage.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'
import { firstTokenMs } from '../subject.ts'
import type { Message, Subject } from '../subject.ts'
import type { Prompts } from '../prompts.ts'

const partTokens = 180
const questionTokens = 20
const answerTokens = 8
const known = 'ms to the first token, turn 2'
const unknown = 'ms to the first token, the same length never seen'
const gain = 'never seen / turn 2'
const leastGain = 5

export const turn2: Scenario = { title: 'the next question of a conversation of about 400 tokens, one caller', run }

async function run(stage: Stage): Promise<Findings> {
  const { rounds, prompts, service, server } = stage
  const figures = new Figures()
  const subjects = server === undefined ? [service] : [service, server]
  for (let round = 0; round < rounds; round++) for (const subject of inTurns(round, subjects)) await measure(subject, prompts, figures)
  const ratios = figures.ratios(known, 'Switch', 'llama-server')
  return {
    figures,
    pairs: [['Switch', 'llama-server']],
    targets: [
      { what: 'turn 2, never seen beside known, Switch', found: median(figures.of('Switch', gain)), atLeast: leastGain, unit: ' times' },
      { what: 'turn 2, Switch beside llama-server', found: ratios.length > 0 ? median(ratios) : undefined, atMost: 1, unit: ' times' }
    ]
  }
}

async function measure(subject: Subject, prompts: Prompts, figures: Figures): Promise<void> {
  const turn1 = conversation(prompts)
  const { text } = await subject.ask({ messages: turn1, maxTokens: answerTokens })
  const knownMs = firstTokenMs(await subject.ask({ messages: next(turn1, text, prompts), maxTokens: answerTokens }))
  const unknownMs = firstTokenMs(await subject.ask({ messages: next(conversation(prompts), text, prompts), maxTokens: answerTokens }))
  figures.add(subject.name, known, knownMs)
  figures.add(subject.name, unknown, unknownMs)
  figures.add(subject.name, gain, unknownMs / knownMs)
}

function conversation(prompts: Prompts): Message[] {
  return [
    { role: 'user', content: prompts.text(partTokens) },
    { role: 'assistant', content: prompts.text(partTokens) },
    { role: 'user', content: prompts.text(questionTokens) }
  ]
}

function next(turn: readonly Message[], answer: string, prompts: Prompts): Message[] {
  return [...turn, { role: 'assistant', content: answer }, { role: 'user', content: prompts.text(questionTokens) }]
}
