// How far a pull is, as text: a bar for a terminal, a line for a log.
import type { PullProgress } from '../../models/download/progress.ts'

const barCells = 24
const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** One line of at most `columns` characters. */
export function barOf(progress: PullProgress, columns: number): string {
  const part = partOf(progress)
  const full = Math.floor((part ?? 0) * barCells)
  const bar = part === null ? '' : `[${'#'.repeat(full)}${'-'.repeat(barCells - full)}] `
  return `${progress.status.padEnd(11)} ${bar}${factsOf(progress)}`.slice(0, Math.max(0, columns))
}

export function lineOf(progress: PullProgress): string {
  return `${progress.model}: ${progress.status} ${factsOf(progress)}`.trimEnd()
}

/** From 0 to 1; null while the length is not known. */
export function partOf({ downloaded_bytes: bytes, total_bytes: total }: PullProgress): number | null {
  return total === null || total === 0 ? null : Math.min(1, bytes / total)
}

/** Decimal, as model hubs count: 2.02 GB. */
export function bytesText(bytes: number): string {
  const power = Math.min(units.length - 1, bytes < 1000 ? 0 : Math.floor(Math.log10(bytes) / 3))
  return `${(bytes / 1000 ** power).toFixed(power < 2 ? 0 : power - 1)} ${units[power]}`
}

/** The two largest units: 1 h 05 min, 2 min 09 s, 40 s. */
export function durationText(seconds: number): string {
  const [hours, minutes, rest] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60]
  if (hours > 0) return `${hours} h ${String(minutes).padStart(2, '0')} min`
  return minutes > 0 ? `${minutes} min ${String(rest).padStart(2, '0')} s` : `${rest} s`
}

function factsOf(progress: PullProgress): string {
  const { downloaded_bytes: bytes, total_bytes: total, bytes_per_second: speed, seconds_left: left, status } = progress
  const part = partOf(progress)
  const facts = [
    part === null ? '' : `${Math.floor(part * 100)} %`,
    total === null ? '' : `${bytesText(bytes)} of ${bytesText(total)}`,
    speed === null || status === 'done' ? '' : `${bytesText(speed)}/s`,
    left === null || status === 'done' ? '' : `${durationText(left)} left`
  ]
  return facts.filter((fact) => fact !== '').join(', ')
}
