// One request: how it ended in a line, and its receipt behind it.
import type { RequestRecord } from '../../../routes/events-contract.ts'
import { clockTime, count, duration, rate } from '../text/format.ts'
import { outcomeOf } from '../text/outcome.ts'
import { sentence } from '../text/reasons.ts'
import { Receipt } from './receipt.tsx'

export function RequestRow({ record }: { record: RequestRecord }) {
  const { tone, symbol, text } = outcomeOf(record)
  return (
    <li class="request">
      <details>
        <summary>
          <span class={`badge ${tone}`}><span aria-hidden="true">{symbol}</span> {text}</span>
          <span class="who">{record.backend ?? record.attempts.at(-1)?.backend ?? 'Nobody'}</span>
          <span class="what">{record.route}</span>
          <span class="numbers">{duration(record.latency_ms)}{record.completion_tokens !== null && record.kind === 'answer' && ` · ${count(record.completion_tokens)} tokens`}</span>
          <time dateTime={record.at}>{clockTime(record.at)}</time>
        </summary>
        <Facts record={record} />
      </details>
      <Receipt attempts={record.attempts} latencyMs={record.latency_ms} />
      {record.error && <p class="error">{sentence(record.error.message)}</p>}
    </li>
  )
}

function Facts({ record }: { record: RequestRecord }) {
  const facts: [string, string | null][] = [
    ['Id', record.inference_id], ['Asked for', record.asked_for ?? 'default route'], ['Model', record.model], ['Form', record.is_stream ? 'stream' : record.kind],
    ['First token', record.first_token_ms === null ? null : duration(record.first_token_ms)], ['Speed', speedOf(record)],
    ['Prompt tokens', record.prompt_tokens === null ? null : count(record.prompt_tokens)], ['Status', record.status === null ? null : String(record.status)], ['Error', record.error?.code ?? null],
    ['Prompt', record.prompt ?? null], ['Answer', record.response ?? null]
  ]
  return <dl class="evidence">{facts.map(([label, value]) => value !== null && <div key={label}><dt>{label}</dt><dd>{value}</dd></div>)}</dl>
}

function speedOf({ completion_tokens: tokens, first_token_ms: firstTokenMs, latency_ms: latencyMs }: RequestRecord): string | null {
  if (tokens === null || tokens < 2 || firstTokenMs === null || latencyMs <= firstTokenMs) return null
  return `${rate((tokens - 1) / (latencyMs - firstTokenMs) * 1000)} tokens/s`
}
