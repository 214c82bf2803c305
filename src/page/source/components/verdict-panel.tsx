// Can it answer now? In words, with a colour and a symbol; and the few facts that come with it.
import type { ServiceStatus } from '../../../routes/events-contract.ts'
import { phase, service, status } from '../state/connection.ts'
import { count, duration, megabytes } from '../text/format.ts'
import { verdictOf } from '../text/verdict.ts'
import type { Verdict } from '../text/verdict.ts'
import { Meter } from './meter.tsx'

const symbols = { good: '✓', warning: '!', bad: '✕' }

/** What was true before the connection was lost may be true no longer. */
const outOfTouch: Verdict = { tone: 'bad', title: 'Unknown', why: 'Switch does not tell this page how it is.', advice: 'Check that it is running, and that this machine can reach it.' }

export function VerdictPanel() {
  const current = status.value
  if (!current) return <section class="verdict waiting" aria-busy="true"><p>{phase.value === 'locked' ? 'Waiting for a token.' : 'Asking Switch how it is…'}</p></section>
  const verdict = phase.value === 'live' ? verdictOf(current) : outOfTouch
  return (
    <section class={`verdict ${verdict.tone}`} aria-labelledby="verdict-title">
      <div class="answer">
        <span class="symbol" aria-hidden="true">{symbols[verdict.tone]}</span>
        <Words verdict={verdict} />
      </div>
      <Facts current={current} />
    </section>
  )
}

/** The title alone is read out: the reason may count seconds down. */
function Words({ verdict: { title, why, advice } }: { verdict: Verdict }) {
  return (
    <div>
      <h2 id="verdict-title" aria-live="polite">{title}</h2>
      <p>{why}</p>
      {advice && <p class="advice">{advice}</p>}
    </div>
  )
}

function Facts({ current }: { current: ServiceStatus }) {
  const local = current.backends.find(({ is_controllable }) => is_controllable)
  const usedMb = current.backends.reduce((sum, { memory_usage_mb }) => sum + (memory_usage_mb ?? 0), 0)
  const limitMb = service.value?.memory_limit_mb ?? 0
  const running = current.backends.reduce((sum, { queue }) => sum + queue.running, 0)
  const waiting = current.backends.reduce((sum, { queue }) => sum + queue.waiting, 0)
  const waitMs = Math.max(0, ...current.backends.map(({ queue }) => queue.expected_wait_ms))
  return (
    <dl class="facts">
      <div><dt>Local model</dt><dd>{local ? local.model : 'None'}</dd></div>
      <div><dt>Memory of models</dt><dd>{megabytes(usedMb)} <small>of {megabytes(limitMb)}</small><Meter share={limitMb === 0 ? 0 : usedMb / limitMb} label="Memory of models" /></dd></div>
      <div><dt>Context</dt><dd>{local?.context_length == null ? '–' : <>{count(local.context_length)} <small>tokens</small></>}{local?.engine && <Meter share={local.engine.kv_used_tokens / local.engine.kv_total_tokens} label="Context in use" />}</dd></div>
      <div><dt>At work</dt><dd>{count(running)} <small>{waiting === 0 ? 'none waiting' : `${count(waiting)} waiting, about ${duration(waitMs)}`}</small></dd></div>
    </dl>
  )
}
