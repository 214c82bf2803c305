// A receipt as a timeline: a line for each attempt, with bars for waiting, for the first token and for the stream.
import type { Attempt } from '../../../inference/receipt.ts'
import { backendClass } from '../draw/colours.ts'
import { barsOf } from '../draw/timeline.ts'
import type { Bar, Segment } from '../draw/timeline.ts'
import { backendNames } from '../state/connection.ts'
import { duration } from '../text/format.ts'
import { reasonText, sentence } from '../text/reasons.ts'

const phaseTexts = { 'queue': 'in the queue', 'first-token': 'until the first token', 'streaming': 'streaming' }

export function Receipt({ attempts, latencyMs }: { attempts: readonly Attempt[], latencyMs: number }) {
  if (attempts.length === 0) return null
  return <ol class="receipt" aria-label="Attempts">{barsOf(attempts, latencyMs).map((bar, index) => <AttemptBar key={index} bar={bar} />)}</ol>
}

function AttemptBar({ bar: { attempt, segments } }: { bar: Bar }) {
  return (
    <li class={`attempt ${backendClass(attempt.backend, backendNames.value)} ${attempt.outcome}`}>
      <span class="name"><span class="dot" aria-hidden="true" />{attempt.backend}</span>
      <span class="track" title={segments.map(segmentText).join(', ')}>
        {segments.map((segment) => <span key={segment.phase} class={`segment ${segment.phase}`} style={{ left: `${segment.leftPercent}%`, width: `${segment.widthPercent}%` }} />)}
      </span>
      <span class="end">{endOf(attempt)}</span>
      <span class="hidden">{segments.map(segmentText).join(', ')}</span>
    </li>
  )
}

function segmentText({ phase, ms }: Segment): string {
  return `${duration(ms)} ${phaseTexts[phase]}`
}

function endOf({ outcome, reason, duration_ms, chars }: Attempt): string {
  if (outcome === 'success') return duration(duration_ms)
  if (outcome === 'skipped') return sentence(`not asked: ${reasonText(reason ?? 'unsupported')}`)
  if (outcome === 'cancelled') return 'Stopped: the caller left.'
  if (outcome === 'running') return 'Still running.'
  return sentence(`${reasonText(reason ?? 'internal')}${chars > 0 ? ' after part of the answer' : ''}`)
}
