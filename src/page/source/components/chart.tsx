// One small chart over time, drawn by uPlot in the colours of the style.
import 'uplot/dist/uPlot.min.css'
import type { RefObject } from 'preact'
import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import { optionsOf } from '../draw/chart-options.ts'
import type { ChartLook } from '../draw/chart-options.ts'
import { theme } from '../state/theme.ts'

/** Tone: a colour of the style. */
export type Line = readonly [label: string, tone: string, values: readonly (number | null)[]]

export type ChartProps = {
  title: string
  unit: string
  /** What it shows, in words. */
  figure: string
  /** What belongs to the figure, smaller. */
  detail?: string
  /** Seconds since 1970. */
  times: readonly number[]
  lines: readonly Line[]
  /** What is counted, where one line alone is drawn. */
  remark?: string
  bars?: boolean
  /** Later lines stand on the earlier ones. */
  isStacked?: boolean
  /** The y axis goes at least up to this; 1 by default. */
  least?: number
  format?: (value: number) => string
}

export function Chart({ title, unit, figure, detail = '', times, lines, remark, bars = false, isStacked = false, least = 1, format }: ChartProps) {
  const values = isStacked ? stacked(lines) : lines.map(([, , own]) => own)
  const host = usePlot({ tones: lines.map(([, tone]) => tone), bars, isStacked, least, format }, [times, ...drawn(values, isStacked)] as uPlot.AlignedData)
  const isEmpty = lines.every(([, , own]) => own.every((value) => !value))
  return (
    <figure class="card chart">
      <figcaption><b>{title}</b> <small>{unit}</small> <span class="figure">{figure} <small>{detail}</small></span></figcaption>
      <div class="plot" ref={host} role="img" aria-label={`${title} ${unit} in the last five minutes: ${figure} ${detail}`} />
      {isEmpty && <p class="nothing" aria-hidden="true">Nothing yet</p>}
      {lines.length > 1 && <ul class="legend">{lines.map(([label, tone]) => <li key={label} class={`tone-${tone}`}>{label}</li>)}</ul>}
      {remark && <p class="remark">{remark}</p>}
    </figure>
  )
}

/** Draws into the element that gets the returned reference: at once, with every new render, and when its width changes. */
function usePlot(look: Omit<ChartLook, 'width'>, data: uPlot.AlignedData): RefObject<HTMLDivElement | null> {
  const host = useRef<HTMLDivElement>(null)
  const chart = useRef<uPlot>(undefined)
  useEffect(() => {
    const element = host.current!
    const made = chart.current = new uPlot(optionsOf({ ...look, width: element.clientWidth }), data, element)
    const watch = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: made.height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      made.destroy()
    }
  }, [])
  // The colours are read as it draws: a new theme is only another drawing.
  useEffect(() => chart.current?.setData(data), [data, theme.value])
  return host
}

function stacked(lines: readonly Line[]): number[][] {
  return lines.map((_, last) => lines[0]![2].map((_value, index) => lines.slice(0, last + 1).reduce((all, [, , own]) => all + (own[index] ?? 0), 0)))
}

/** The tallest is drawn first, so that the lower ones stay visible. */
function drawn<T>(values: readonly T[], isStacked: boolean): readonly T[] {
  return isStacked ? values.toReversed() : values
}
