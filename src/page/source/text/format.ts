// Numbers as people read them.

/** `850 ms`, `1.2 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`
  return longDuration(Math.round(ms / 1000))
}

/** Of seconds, in its two largest units: `42 s`, `5 min 3 s`, `2 h 10 min`, `3 d 4 h`. */
export function longDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  const [days, hours, minutes] = [Math.floor(whole / 86400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60]
  if (days > 0) return two(days, 'd', hours, 'h')
  if (hours > 0) return two(hours, 'h', minutes, 'min')
  return minutes > 0 ? two(minutes, 'min', whole % 60, 's') : `${whole} s`
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`
}

/** `just now`, `12 s ago`; `never` for null. */
export function age(seconds: number | null): string {
  if (seconds === null) return 'never'
  return seconds < 1 ? 'just now' : `${longDuration(seconds)} ago`
}

/** Decimal units, as disks have them: `4.1 GB`. */
export function bytes(amount: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = amount
  let unit = 0
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 || value >= 99.5 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

export function megabytes(mb: number): string {
  return bytes(mb * 1e6)
}

/** `12,345`. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-GB')
}

/** Two digits that matter: `0.25`, `3.1`, `48`. */
export function rate(value: number): string {
  if (value === 0) return '0'
  if (value < 1) return value.toFixed(2)
  return value < 10 ? value.toFixed(1) : count(value)
}

/** `1 request`, `3 requests`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`
}

/** A share from 0 to 1 as whole per cent. */
export function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** The time of day of an ISO time, as the reader's clock has it. */
export function clockTime(iso: string): string {
  return new Date(iso).toLocaleTimeString('en-GB')
}
