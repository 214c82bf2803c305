// What the service tells, kept up to date for as long as the page is open.
import { batch, computed, signal } from '@preact/signals'
import type { RequestRecord, ServiceFacts, ServiceStatus, TrafficSecond } from '../../../routes/events-contract.ts'
import { shownSeconds } from '../draw/series.ts'
import { StreamRefused, TokenNeeded, readEvents } from './event-stream.ts'
import type { NamedEvent } from './event-stream.ts'
import { forgetToken, token } from './token.ts'

/** locked: the service wants a token. lost: it was there, or should be, and does not answer. */
export type Phase = 'connecting' | 'live' | 'lost' | 'locked'

export const phase = signal<Phase>('connecting')
/** Why the connection is lost, where the service said so. */
export const lostReason = signal<string | undefined>(undefined)
/** True when a token was given and refused. */
export const isTokenWrong = signal(false)
export const service = signal<ServiceFacts | undefined>(undefined)
export const status = signal<ServiceStatus | undefined>(undefined)
/** Newest first. */
export const requests = signal<readonly RequestRecord[]>([])
export const traffic = signal<ReadonlyMap<number, TrafficSecond>>(new Map())
/** Names of backends in the service's order. */
export const backendNames = computed(() => status.value?.backends.map(({ name }) => name) ?? [])

const path = 'switch/events'
const shownRequests = 50
const pauses = { firstMs: 500, longestMs: 5000 }

/** Never ends. */
export async function stayConnected(): Promise<never> {
  for (let failures = 0; ; failures++) {
    const wasLive = await follow()
    if (wasLive) failures = 0
    if (phase.value === 'locked') await tokenGiven()
    // A stream that was well and ended is asked for again at once: the service may have restarted.
    else await pause(Math.min(pauses.longestMs, pauses.firstMs * 2 ** failures))
  }
}

/** True when at least one event came. */
async function follow(): Promise<boolean> {
  const take = taker()
  let wasLive = false
  try {
    for await (const event of readEvents(path, token.value)) {
      take(event)
      wasLive = true
    }
    lose(undefined)
  } catch (error) {
    if (error instanceof TokenNeeded) lock()
    else lose(error instanceof StreamRefused ? error.message : undefined)
  }
  return wasLive
}

function lose(reason: string | undefined): void {
  batch(() => {
    phase.value = 'lost'
    lostReason.value = reason
  })
}

function lock(): void {
  batch(() => {
    isTokenWrong.value = token.value !== undefined
    phase.value = 'locked'
    forgetToken()
  })
}

/** A stream begins with the requests of late; they take the place of those of the stream before. */
function taker(): (event: NamedEvent) => void {
  let early: RequestRecord[] | undefined = []
  return ({ event, data }) => batch(() => {
    if (event === 'service') service.value = data as ServiceFacts
    else if (event === 'request' && early) early.unshift(data as RequestRecord)
    else if (event === 'request') requests.value = [data as RequestRecord, ...requests.value].slice(0, shownRequests)
    else if (event === 'status') {
      if (early) requests.value = early
      early = undefined
      takeStatus(data as ServiceStatus)
    }
  })
}

function takeStatus(next: ServiceStatus): void {
  phase.value = 'live'
  isTokenWrong.value = false
  status.value = next
  const oldest = next.at_ms / 1000 - shownSeconds - 10
  const kept = [...traffic.value].filter(([second]) => second >= oldest)
  traffic.value = new Map([...kept, ...next.traffic.map((one) => [one.second, one] as const)])
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms))
}

function tokenGiven(): Promise<void> {
  return new Promise((resolve) => {
    const stop = token.subscribe((value) => {
      if (value === undefined) return
      phase.value = 'connecting'
      queueMicrotask(() => stop())
      resolve()
    })
  })
}
