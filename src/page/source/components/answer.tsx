// The answer as it comes, who spoke which part of it, and what it took.
import type { InferAnswer } from '../../../client/client.d.ts'
import type { Attempt } from '../../../inference/receipt.ts'
import { backendClass } from '../draw/colours.ts'
import { firstTokenOf } from '../draw/first-token.ts'
import { partsOf } from '../draw/parts.ts'
import { backendNames } from '../state/connection.ts'
import { answer, failedAttempts, firstTokenMs, isRunning, problem, reasoning, stage, text } from '../state/playground.ts'
import { count, duration, rate } from '../text/format.ts'
import { Receipt } from './receipt.tsx'

export function Answer() {
  if (stage.value === 'idle') return null
  const attempts = answer.value?.attempts ?? failedAttempts.value
  return (
    <div class="answer">
      <p class="progress-line" role="status">{progressText()}</p>
      {reasoning.value !== '' && <details class="reasoning"><summary>Reasoning</summary><p>{reasoning.value}</p></details>}
      {text.value !== '' && <div class="text" aria-busy={isRunning.value} aria-label="Answer" role="region" tabIndex={0}><Text /></div>}
      {problem.value !== undefined && <p class="error" role="alert">{problem.value}</p>}
      <Receipt attempts={attempts as readonly Attempt[]} latencyMs={answer.value?.latency_ms ?? 0} />
    </div>
  )
}

/** In one piece while it comes: only the receipt knows where a backend went on for another one. */
function Text() {
  const parts = partsOf(text.value, answer.value?.attempts ?? failedAttempts.value)
  if (parts.length < 2) return <>{text.value}</>
  return (
    <>
      {parts.map(({ backend, text: said }, index) => (
        <span key={index} class={`part ${backendClass(backend, backendNames.value)}`}><b class="speaker">{backend}</b>{said}</span>
      ))}
    </>
  )
}

function progressText(): string {
  switch (stage.value) {
    case 'asking': return 'Waiting for the first token…'
    case 'streaming': return `Answering.${firstTokenText(firstTokenMs.value)}`
    case 'stopped': return `Stopped.${firstTokenText(firstTokenMs.value)}`
    case 'failed': return text.value === '' ? 'No answer.' : 'The answer broke off: what came so far is incomplete.'
    default: return doneText(answer.value!)
  }
}

function firstTokenText(ms: number | undefined): string {
  return ms === undefined ? '' : ` First token after ${duration(ms)}.`
}

/** By the receipt: the clock of the page has the way to the service in it. */
function doneText({ source, degraded, model, latency_ms, usage, finish_reason, attempts }: InferAnswer): string {
  const firstMs = firstTokenOf(attempts)
  const generatingMs = latency_ms - (firstMs ?? latency_ms)
  const speed = usage.completion_tokens > 1 && generatingMs > 0 ? `, ${rate((usage.completion_tokens - 1) / generatingMs * 1000)} tokens/s` : ''
  const cut = finish_reason === 'length' ? ' It ended at the most tokens.' : ''
  return `${model} (${source}${degraded ? ', as a fallback' : ''}) answered in ${duration(latency_ms)}.${firstTokenText(firstMs)} ${count(usage.completion_tokens)} tokens${speed}.${cut}`
}
