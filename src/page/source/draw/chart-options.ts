// How uPlot draws a chart: small, quiet, in the colours of the style as they are at that moment.
import uPlot from 'uplot'
import { stepSeconds } from './series.ts'

export type ChartLook = {
  tones: readonly string[]
  bars: boolean
  isStacked: boolean
  width: number
  /** The y axis goes at least up to this. */
  least: number
  format: ((value: number) => string) | undefined
}

const height = 120
/** A label nearer to the edge would run into those of the other axis. */
const edgeSeconds = 20

export function optionsOf({ tones, bars, isStacked, width, least, format = compact }: ChartLook): uPlot.Options {
  const order = isStacked ? tones.toReversed() : tones
  return {
    width, height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: true, range: (_chart, min, max) => [min, max + stepSeconds] },
      y: { range: (_chart, _min, max) => [0, Math.max(max ?? 0, least) * 1.1] }
    },
    axes: [
      { stroke: () => colour('muted'), grid: { show: false }, ticks: { show: false }, size: 22, incrs: [60, 120, 300], space: 60, font: '11px system-ui, sans-serif', values: (chart, splits) => splits.map((at) => at < (chart.scales['x']!.min ?? 0) + edgeSeconds ? '' : timeOf(at)) },
      { stroke: () => colour('muted'), grid: { stroke: () => colour('line'), width: 1 }, ticks: { show: false }, size: 44, gap: 4, space: 30, font: '11px system-ui, sans-serif', values: (_chart, splits) => splits.map(format) }
    ],
    series: [{}, ...order.map((tone) => seriesLook(tone, bars))]
  }
}

function seriesLook(tone: string, bars: boolean): uPlot.Series {
  const base = { stroke: () => colour(`${tone}-fill`), points: { show: false } }
  if (bars) return { ...base, width: 0, fill: () => colour(`${tone}-fill`), paths: uPlot.paths.bars!({ size: [0.75, 12], align: 1 }) }
  return { ...base, width: 2, spanGaps: true, fill: () => colour(`${tone}-faint`), points: { show: true, size: 5, width: 0, fill: () => colour(`${tone}-fill`), filter: alone } }
}

/** Points where no line can be seen: without a neighbour on either side. */
function alone(chart: uPlot, seriesIndex: number, show: boolean): number[] | null {
  const values = chart.data[seriesIndex]!
  return show ? [...values.keys()].filter((index) => values[index] != null && values[index - 1] == null && values[index + 1] == null) : null
}

/** As the theme of the moment has it: a canvas does not know the variables of the style. */
function colour(name: string): string {
  const probe = document.createElement('i')
  probe.style.color = `var(--${name})`
  document.body.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}

function timeOf(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' })
}

/** Whole numbers as they are; steps between them are not labelled. */
function compact(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-GB') : ''
}
