// The last five minutes as four charts, each with its figure in words.
import { seriesOf, stepSeconds, sum, median } from '../draw/series.ts'
import type { Series } from '../draw/series.ts'
import { status, traffic } from '../state/connection.ts'
import { count, duration, plural, rate } from '../text/format.ts'
import { Chart } from './chart.tsx'

export function Charts() {
  const { at_ms, totals } = status.value!
  const series = seriesOf(traffic.value.values(), at_ms / 1000)
  const ended = totals.answered + totals.degraded + totals.failed + totals.cancelled
  return (
    <section aria-labelledby="charts-title">
      <h2 id="charts-title">Last five minutes</h2>
      <div class="charts">
        <Chart title="Requests" unit={`per ${stepSeconds} s`} figure={requestsFigure(series)} detail={requestsDetail(series)} times={series.times} isStacked bars
          lines={[['Answered', 'good', series.answered], ['By a fallback', 'warning', series.degraded], ['Failed', 'bad', series.failed]]} />
        <Chart title="First token" unit="median" figure={firstTokenFigure(series)} times={series.times} format={duration} least={20} lines={[['First token', 'accent', series.firstTokenMs]]} remark="From the request to its first token" />
        <Chart title="Tokens" unit="per second" figure={tokensFigure(series)} times={series.times} lines={[['Tokens per second', 'accent', series.tokensPerSecond]]} remark="Of all answers together" />
        <Chart title="Failovers" unit={`per ${stepSeconds} s`} figure={failoversFigure(series)} times={series.times} bars lines={[['Failovers', 'warning', series.failovers]]} remark="Backends given up for the next one" />
      </div>
      <p class="totals">Since the start: {plural(ended, 'request')}, {count(totals.failed)} failed, {count(totals.refused)} refused, {plural(totals.failovers, 'failover')}, {plural(totals.completion_tokens, 'token')} generated.</p>
    </section>
  )
}

function requestsFigure({ answered, degraded, failed }: Series): string {
  const all = sum(answered) + sum(degraded) + sum(failed)
  return all === 0 ? 'None' : count(all)
}

function requestsDetail({ degraded, failed }: Series): string {
  const [fallback, lost] = [sum(degraded), sum(failed)]
  return [...fallback > 0 ? [`${count(fallback)} by a fallback`] : [], ...lost > 0 ? [`${count(lost)} failed`] : []].join(', ')
}

function firstTokenFigure({ firstTokenMs }: Series): string {
  const middle = median(firstTokenMs.filter((ms) => ms !== null))
  return middle === null ? 'None' : duration(middle)
}

/** Over the steps in which something was generated: an idle service is not a slow one. */
function tokensFigure({ tokensPerSecond }: Series): string {
  const busy = tokensPerSecond.filter((value) => value > 0)
  return busy.length === 0 ? 'None' : `up to ${rate(Math.max(...busy))}`
}

function failoversFigure({ failovers }: Series): string {
  return sum(failovers) === 0 ? 'None' : count(sum(failovers))
}
