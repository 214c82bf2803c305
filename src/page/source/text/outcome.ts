// How a request ended, in words and with a symbol, so that colour is never alone.
import type { RequestRecord } from '../../../routes/events-contract.ts'

export type Outcome = { readonly tone: 'good' | 'warning' | 'bad' | 'quiet', readonly symbol: string, readonly text: string }

export function outcomeOf({ outcome, degraded, continued, status }: RequestRecord): Outcome {
  if (outcome === 'cancelled') return { tone: 'quiet', symbol: '–', text: 'Caller left' }
  if (outcome === 'failed') return { tone: 'bad', symbol: '✕', text: status !== null && status >= 400 && status < 500 ? 'Refused' : 'Failed' }
  if (continued) return { tone: 'warning', symbol: '↷', text: 'Continued' }
  return degraded ? { tone: 'warning', symbol: '↷', text: 'Fallback' } : { tone: 'good', symbol: '✓', text: 'Answered' }
}
