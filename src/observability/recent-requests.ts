// The last requests that asked a model, with their receipts: a ring for those who watch the service.
import type { Observer, RequestFacts } from '../inference/observer.ts'
import { RecentTraffic } from './recent-traffic.ts'
import { WatchedRequest } from './recent-request.ts'
import type { RequestRecord } from './recent-request.ts'

export type RecentRequestsOptions = {
  /** True: records hold the prompt and the answer. False by default: both are private. */
  readonly keepsTexts?: boolean
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

/** What is kept for a page that is opened later. */
const keptRecords = 50

export class RecentRequests {
  readonly traffic: RecentTraffic
  readonly #options: Required<RecentRequestsOptions>
  readonly #records: RequestRecord[] = []
  readonly #listeners = new Set<(record: RequestRecord) => void>()
  #count = 0

  constructor({ keepsTexts = false, now = Date.now }: RecentRequestsOptions = {}) {
    this.#options = { keepsTexts, now }
    this.traffic = new RecentTraffic(now)
  }

  /** Is to be told of every request; keeps those that asked a model. */
  get observer(): Observer {
    return { requestBegan: (facts) => this.#watch(facts) }
  }

  /** Oldest first. */
  list(): readonly RequestRecord[] {
    return this.#records
  }

  /** Calls `listener` with every request that ends from now on; the returned function ends that. */
  listen(listener: (record: RequestRecord) => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  #watch(facts: RequestFacts): WatchedRequest {
    return new WatchedRequest(facts, {
      ...this.#options,
      onRecord: (record) => this.#add({ ...record, number: ++this.#count }),
      onRefused: () => this.traffic.addRefused()
    })
  }

  #add(record: RequestRecord): void {
    this.#records.push(record)
    if (this.#records.length > keptRecords) this.#records.shift()
    this.traffic.add(record)
    for (const listener of this.#listeners) listener(record)
  }
}
