// A caller hangs up: how long the only slot stays taken, and how long the next caller waits.
import { setTimeout as sleep } from 'node:timers/promises'
import { median } from '../../support/statistics.ts'
import { Figures } from '../figures.ts'
import type { Prompts } from '../prompts.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'
import { decodeRate, firstTokenMs } from '../subject.ts'
import type { Message, Subject } from '../subject.ts'
import { startSwitchSubject } from '../switch-subject.ts'

const promptTokens = 1500
const answerTokens = 400
/** As Switch evaluates prompts. */
const chunkTokens = 128
const nextTokens = 32
const hangUpMs = 300
const hangUpTexts = 8
const aloneTokens = 32
/** For the socket and the messages between the processes. */
const allowanceMs = 10
const inPrompt = 'hung up in the prompt'
const inDecode = 'hung up while decoding'
const waited = 'ms until the slot was free'
const first = 'ms until the next caller\'s first token'
const step = 'ms of one step: a chunk of 128 prompt tokens, or one token'

export const abort: Scenario = { title: `Switch with one slot, a prompt of ${promptTokens} tokens hung up on within ${hangUpMs} ms, an answer after ${hangUpTexts} pieces of text`, run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  const service = await startSwitchSubject(stage.model, 1)
  try {
    for (let round = 0; round < stage.rounds; round++) await measure(stage, service, figures)
  } finally {
    await service.stop()
  }
  return {
    figures,
    pairs: [],
    targets: [inPrompt, inDecode].map((when) => ({ what: `the slot is free, ${when}`, found: median(figures.of(when, waited)), atMost: Math.ceil(median(figures.of(when, step)) + allowanceMs), unit: ' ms' }))
  }
}

/** A question whose caller hangs up at a moment. */
type HungUp = { readonly when: string, readonly messages: readonly Message[], readonly moment: Promise<void>, readonly onText?: (count: number) => void }

async function measure({ prompts }: Stage, service: Subject, figures: Figures): Promise<void> {
  const alone = await service.ask({ messages: prompts.question(promptTokens), maxTokens: aloneTokens })
  figures.add(inPrompt, step, firstTokenMs(alone) / promptTokens * chunkTokens)
  figures.add(inDecode, step, 1000 / decodeRate(alone))
  // A fast model has evaluated the prompt in less time than the fixed one.
  const early = sleep(Math.min(hangUpMs, firstTokenMs(alone) / 3))
  await handOver(service, prompts, figures, { when: inPrompt, messages: prompts.question(promptTokens), moment: early })
  const { promise: reached, resolve } = Promise.withResolvers<void>()
  const onText = (count: number) => { if (count === hangUpTexts) resolve() }
  await handOver(service, prompts, figures, { when: inDecode, messages: prompts.question(chunkTokens), moment: reached, onText })
}

/** At the moment of hanging up the next caller is there already. */
async function handOver(service: Subject, prompts: Prompts, figures: Figures, { when, moment, ...question }: HungUp): Promise<void> {
  const caller = new AbortController()
  const hungUp = service.ask({ ...question, maxTokens: answerTokens, signal: caller.signal }).then(
    () => { throw new Error(`The answer that was to be ${when} came to its end`) },
    (error: Error) => { if (!caller.signal.aborted) throw error }
  )
  await Promise.race([moment, hungUp])
  caller.abort()
  const next = await service.ask({ messages: prompts.question(nextTokens), maxTokens: 2 })
  await hungUp
  figures.add(when, waited, next.queuedMs!)
  figures.add(when, first, firstTokenMs(next))
}
