// The traffic as series for charts: five minutes in steps of five seconds.
import type { TrafficSecond } from '../../../routes/events-contract.ts'

export type Series = {
  /** Seconds since 1970, the beginning of each step. */
  readonly times: readonly number[]
  readonly answered: readonly number[]
  readonly degraded: readonly number[]
  readonly failed: readonly number[]
  readonly failovers: readonly number[]
  readonly tokensPerSecond: readonly number[]
  /** Null where nothing was answered. */
  readonly firstTokenMs: readonly (number | null)[]
}

export const stepSeconds = 5
export const shownSeconds = 300

type Step = { answered: number, degraded: number, failed: number, failovers: number, tokens: number, firstTokens: number[] }

/** Steps begin at whole multiples, so that bars do not change as time goes on. @param now seconds since 1970 */
export function seriesOf(traffic: Iterable<TrafficSecond>, now: number): Series {
  const last = Math.floor(now / stepSeconds) * stepSeconds
  const first = last - shownSeconds + stepSeconds
  const steps: Step[] = Array.from({ length: shownSeconds / stepSeconds }, () => ({ answered: 0, degraded: 0, failed: 0, failovers: 0, tokens: 0, firstTokens: [] }))
  for (const second of traffic) {
    const step = steps[Math.floor((second.second - first) / stepSeconds)]
    if (step) add(step, second)
  }
  return {
    times: steps.map((_, index) => first + index * stepSeconds),
    answered: steps.map(({ answered }) => answered),
    degraded: steps.map(({ degraded }) => degraded),
    failed: steps.map(({ failed }) => failed),
    failovers: steps.map(({ failovers }) => failovers),
    tokensPerSecond: steps.map(({ tokens }, index) => tokens / (index === steps.length - 1 ? Math.max(1, now - last) : stepSeconds)),
    firstTokenMs: steps.map(({ firstTokens }) => median(firstTokens))
  }
}

function add(step: Step, { answered, degraded, failed, refused, failovers, tokens, first_token_ms }: TrafficSecond): void {
  step.answered += answered
  step.degraded += degraded
  step.failed += failed + refused
  step.failovers += failovers
  step.tokens += tokens
  if (first_token_ms !== null) step.firstTokens.push(first_token_ms)
}

export function median(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)]!
}

export function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0)
}
