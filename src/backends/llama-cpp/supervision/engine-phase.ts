// What an engine is doing, and what that means to those who ask.
import type { BackendState } from '../../backend.ts'
import type { EngineFacts } from '../protocol.ts'

export type Phase =
  /** Nothing was started yet; the first load does. */
  | { readonly name: 'new' }
  | { readonly name: 'loading' }
  | { readonly name: 'ready', readonly facts: EngineFacts, readonly since: number }
  | { readonly name: 'failed', readonly reason: string, readonly isOutOfMemory: boolean, readonly retryAt: number }
  /** `loadsOnDemand`: the next request loads it again; else only the operator does. */
  | { readonly name: 'unloading', readonly loadsOnDemand: boolean }
  | { readonly name: 'unloaded', readonly loadsOnDemand: boolean }
  | { readonly name: 'closed' }

/** It will change by itself. */
export function isPassing(phase: Phase): boolean {
  return phase.name === 'new' || phase.name === 'loading' || (phase.name === 'unloading' && phase.loadsOnDemand)
}

/** The part of a backend's state that the phase alone decides. @param before why it was not ready the last time */
export function stateOf(phase: Phase, model: string, now: number, before: string | undefined): Omit<BackendState, 'model'> {
  switch (phase.name) {
    case 'ready': return { status: 'ready' }
    case 'new':
    case 'loading': return { status: 'loading', reason: `Model ${model} is loading; requests wait for it.${before ? ` Before: ${before}` : ''}`, retryAfterSeconds: 1 }
    case 'closed': return { status: 'failed', reason: 'Switch is shutting down.' }
    case 'failed': return { status: 'failed', reason: phase.reason, retryAfterSeconds: Math.max(1, Math.ceil((phase.retryAt - now) / 1000)) }
    case 'unloading': return { status: 'unloading', loadsOnDemand: phase.loadsOnDemand, reason: `Model ${model} is being unloaded.${howToLoad(phase.loadsOnDemand)}` }
    case 'unloaded': return { status: 'unloaded', loadsOnDemand: phase.loadsOnDemand, reason: `Model ${model} is not loaded.${howToLoad(phase.loadsOnDemand)}` }
  }
}

function howToLoad(isOnDemand: boolean): string {
  return isOnDemand ? ' The next request loads it.' : ' It was unloaded on request: POST /switch/models/load loads it again.'
}
