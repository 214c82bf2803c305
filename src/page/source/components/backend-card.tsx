// One backend: its state, its breaker, what requests told of it, its queue.
import type { ComponentChildren } from 'preact'
import type { BackendReport } from '../../../routes/events-contract.ts'
import { backendClass } from '../draw/colours.ts'
import { backendNames } from '../state/connection.ts'
import { age, count, duration, longDuration, rate } from '../text/format.ts'
import { reasonText } from '../text/reasons.ts'
import { BackendState } from './backend-state.tsx'
import { Progress } from './progress.tsx'

/** @param place in the default route, from 1; 0: not in it */
export function BackendCard({ backend, place }: { backend: BackendReport, place: number }) {
  const { name, model, framework, is_local, reason, load_progress, next_model, state } = backend
  return (
    <li class={`card backend ${backendClass(name, backendNames.value)}`}>
      <div class="title">
        <h3><span class="dot" aria-hidden="true" />{name}</h3>
        <BackendState backend={backend} />
      </div>
      <p class="subtitle"><b>{model}</b> · {framework} · {is_local ? 'local' : 'remote'} · {place === 0 ? 'not in the default route' : `${ordinal(place)} in the default route`}</p>
      {state === 'loading' && <Progress share={load_progress} label={`Loading ${model}`} />}
      {next_model && <p class="note">Loading {next_model.model} to take its place. <Progress share={next_model.load_progress} label={`Loading ${next_model.model}`} /></p>}
      {reason !== null && <p class="note">{reason}</p>}
      <Evidence backend={backend} />
    </li>
  )
}

function Evidence({ backend }: { backend: BackendReport }) {
  const { queue, last_success_age_s, last_failure_age_s, last_failure_reason, first_token_ms, tokens_per_second, restarts, breaker } = backend
  return (
    <dl class="evidence">
      <Row label="Breaker">{breakerText(backend)}{breaker.state !== 'closed' && breaker.reason && <small>{reasonText(breaker.reason)}</small>}</Row>
      <Row label="Last success">{age(last_success_age_s)}</Row>
      <Row label="Last failure">{age(last_failure_age_s)}{last_failure_reason && <small>{reasonText(last_failure_reason)}</small>}</Row>
      <Row label="First token">{first_token_ms === null ? '–' : duration(first_token_ms)}</Row>
      <Row label="Speed">{tokens_per_second === null ? '–' : `${rate(tokens_per_second)} tokens/s`}</Row>
      <Row label="Queue">{count(queue.running)} of {count(queue.limit)} at work{queue.waiting > 0 && `, ${count(queue.waiting)} waiting`}</Row>
      {restarts > 0 && <Row label="Restarts">{count(restarts)}</Row>}
    </dl>
  )
}

function Row({ label, children }: { label: string, children: ComponentChildren }) {
  return <div><dt>{label}</dt><dd>{children}</dd></div>
}

function breakerText({ breaker: { state, retry_in_ms = 0 } }: BackendReport): string {
  if (state === 'closed') return 'Closed'
  return state === 'open' ? `Open, ${longDuration(Math.ceil(retry_in_ms / 1000))} left` : 'Half-open: the next request tries'
}

function ordinal(place: number): string {
  return ['1st', '2nd', '3rd'][place - 1] ?? `${place}th`
}
