// Tells those who watch: the status every second, and each request as it ends. Costs nothing while nobody listens.
import { EventStream } from '../http/sse.ts'
import { SwitchError } from '../inference/errors.ts'
import type { RecentRequests } from '../observability/recent-requests.ts'
import type { RequestRecord } from '../observability/recent-request.ts'
import type { ServiceFacts } from './events-contract.ts'
import { statusOf } from './events-status.ts'
import type { StatusSources } from './events-status.ts'

export type FeedOptions = {
  sources: Omit<StatusSources, 'traffic'>
  facts: ServiceFacts
  requests: RecentRequests
}

type Listener = { readonly stream: EventStream, toldChange: number, recordsLeft: number }

const tickMs = 1000
const mostListeners = 16
/** Requests told to one listener in a second; the counts of the status have all of them. */
const recordsPerSecond = 50
/** Who is further behind reads nothing any more. */
const mostUnreadBytes = 1024 * 1024

export class EventFeed {
  readonly #options: FeedOptions
  readonly #listeners = new Set<Listener>()
  #stopWatching: (() => void) | undefined
  #isClosed = false

  constructor(options: FeedOptions) {
    this.#options = options
  }

  get listeners(): number {
    return this.#listeners.size
  }

  /**
   * A stream that begins with the facts, the requests of late and the status.
   * @throws SwitchError when too many listen already
   */
  open(): EventStream {
    if (this.#isClosed) throw new SwitchError('SWITCH_SERVER_CLOSING', 'Switch is shutting down.')
    if (this.#listeners.size >= mostListeners) throw new SwitchError('SWITCH_QUEUE_FULL', `${mostListeners} pages watch this service already. Close one of them.`, { retryAfterSeconds: 10 })
    const { facts, requests } = this.#options
    const listener: Listener = { stream: new EventStream(), toldChange: 0, recordsLeft: recordsPerSecond }
    this.#listeners.add(listener)
    listener.stream.once('close', () => this.#remove(listener))
    this.#stopWatching ??= this.#watch()
    void listener.stream.write({ event: 'service', data: facts })
    for (const record of requests.list()) void listener.stream.write({ event: 'request', data: record })
    this.#tellStatus([listener])
    return listener.stream
  }

  /** Ends every stream; nobody can listen any more. */
  close(): void {
    this.#isClosed = true
    for (const { stream } of this.#listeners) stream.end([])
  }

  #watch(): () => void {
    const timer = setInterval(() => this.#tellStatus([...this.#listeners]), tickMs)
    const stopListening = this.#options.requests.listen((record) => this.#tellRecord(record))
    return () => {
      clearInterval(timer)
      stopListening()
    }
  }

  #tellStatus(listeners: readonly Listener[]): void {
    const { sources, requests: { traffic } } = this.#options
    const status = statusOf({ ...sources, traffic })
    for (const listener of listeners) {
      this.#tell(listener, 'status', { ...status, traffic: traffic.since(listener.toldChange) })
      listener.toldChange = traffic.change
      listener.recordsLeft = recordsPerSecond
    }
  }

  #tellRecord(record: RequestRecord): void {
    for (const listener of this.#listeners) if (listener.recordsLeft-- > 0) this.#tell(listener, 'request', record)
  }

  #tell({ stream }: Listener, event: string, data: unknown): void {
    if (stream.readableLength > mostUnreadBytes) stream.destroy()
    else void stream.write({ event, data })
  }

  #remove(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    this.#stopWatching?.()
    this.#stopWatching = undefined
  }
}
