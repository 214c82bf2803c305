// One caller reads an answer while another sends a long prompt: how much the first one notices.
import { median, quantile } from '../../support/statistics.ts'
import { Figures } from '../figures.ts'
import type { Prompts } from '../prompts.ts'
import type { Findings, Scenario, Stage } from '../stage.ts'
import { decodeRate, firstTokenMs, gapsOf } from '../subject.ts'
import type { Subject } from '../subject.ts'
import { startSwitchSubject } from '../switch-subject.ts'

const slots = 2
const promptTokens = 1500
/** More than are decoded while the prompt is evaluated; the reader hangs up when it is. */
const answerTokens = 1800
const aloneTokens = 64
const begunTexts = 16
const aloneGap = 'ms a token, alone'
const besideMedian = 'ms between two pieces of text, beside the prompt, median'
const besideGap = 'ms between two pieces of text, beside the prompt, p99'
const unevenness = 'beside the prompt, p99 / median'
const first = 'ms to the first token of the prompt\'s own answer'
const mostUnevenness = 3

export const fairness: Scenario = { title: `an answer is read while a prompt of ${promptTokens} tokens comes in`, run }

async function run(stage: Stage): Promise<Findings> {
  const figures = new Figures()
  const service = await startSwitchSubject(stage.model, slots)
  const subjects = stage.server === undefined ? [service] : [service, stage.server]
  try {
    for (let round = 0; round < stage.rounds; round++) for (const subject of subjects) await measure(subject, stage.prompts, figures)
  } finally {
    await service.stop()
  }
  return {
    figures,
    pairs: [['Switch', 'llama-server']],
    targets: [{ what: 'gaps beside a long prompt, Switch, p99', found: median(figures.of('Switch', unevenness)), atMost: mostUnevenness, unit: ' times their median' }]
  }
}

async function measure(subject: Subject, prompts: Prompts, figures: Figures): Promise<void> {
  figures.add(subject.name, aloneGap, 1000 / decodeRate(await subject.ask({ messages: prompts.question(32), maxTokens: aloneTokens })))
  const reader = new AbortController()
  const times: number[] = []
  const { promise: running, resolve } = Promise.withResolvers<void>()
  const onText = (count: number) => {
    times.push(performance.now())
    if (count === begunTexts) resolve()
  }
  const reading = subject.ask({ messages: prompts.question(32), maxTokens: answerTokens, signal: reader.signal, onText })
  const ended = reading.then(() => undefined, (error: Error) => { if (!reader.signal.aborted) throw error })
  await Promise.race([running, ended])
  const long = await subject.ask({ messages: prompts.question(promptTokens), maxTokens: 1 })
  reader.abort()
  await ended
  note(subject.name, figures, times, long.startedAt, long.textTimes[0]!)
  figures.add(subject.name, first, firstTokenMs(long))
}

/** A gap counts as beside the prompt when a part of it lies between the prompt's arrival and its first token. */
function note(name: string, figures: Figures, times: readonly number[], from: number, to: number): void {
  const beside = gapsOf(times).filter((gapMs, index) => times[index + 1]! > from && times[index + 1]! - gapMs < to)
  const besideMs = quantile(beside, 0.99)
  figures.add(name, besideGap, besideMs)
  figures.add(name, besideMedian, median(beside))
  figures.add(name, unevenness, besideMs / median(beside))
}
