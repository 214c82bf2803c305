// One request and its reply, as undici reports it: from the first header until the connection is free or closed.
import type { IncomingHttpHeaders } from 'node:http'
import type { Dispatcher } from 'undici'
import type { BodyReader } from './body-reader.ts'
import { chooseReader } from './choose-reader.ts'
import { EventQueue } from './event-queue.ts'
import type { Failures } from './failures.ts'

/** A reader that lags behind by this many characters stops the socket. */
const maxBacklog = 256 * 1024

/** After the answer is complete, how long the rest of the body may take for its connection to be used again. */
const lingerMs = 250

export class Exchange implements Dispatcher.DispatchHandler {
  readonly #events = new EventQueue()
  readonly #failures: Failures
  #controller: Dispatcher.DispatchController | undefined
  #reader: BodyReader | undefined
  #timer: NodeJS.Timeout | undefined
  /** The events are complete, or nobody wants them any more. */
  #isOver = false
  /** undici is done with it. */
  #isClosed = false
  #isSettling = false

  constructor(failures: Failures) {
    this.#failures = failures
  }

  /** See EventQueue.take. */
  take(): ReturnType<EventQueue['take']> {
    if (this.#controller?.paused) this.#controller.resume()
    return this.#events.take()
  }

  /** Nobody listens any more: `take` throws `reason`. An answer under way is stopped, its connection closed. */
  abandon(reason: unknown): void {
    if (this.#isOver) return
    this.#events.drop(reason)
    this.#over()
    this.#abort()
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#isOver) this.#abort()
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    if (this.#isOver || status < 200) return
    this.#try(() => { this.#reader = chooseReader(status, headers, this.#failures, this.#events) })
    this.#wait()
  }

  onResponseData(controller: Dispatcher.DispatchController, bytes: Buffer): void {
    if (this.#isOver) return
    try {
      this.#reader!.read(bytes)
    } catch (error) {
      this.#fail(error)
    }
    if (this.#events.backlog > maxBacklog) controller.pause()
    this.#wait()
  }

  onResponseEnd(): void {
    this.#isClosed = true
    this.#end()
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#isClosed = true
    if (this.#reader) this.#end(error)
    else this.#fail(this.#failures.transport(error, false))
  }

  /** Ends the answer when the rest of the body is not worth waiting for. */
  #wait(): void {
    const patienceMs = this.#isOver ? undefined : this.#reader?.patienceMs
    if (patienceMs === undefined) return
    if (patienceMs > 0) this.#timer ??= setTimeout(() => this.#end(), patienceMs)
    else if (!this.#isSettling) {
      // One socket read may bring several pieces of body; what came together is looked at together.
      this.#isSettling = true
      queueMicrotask(() => this.#end())
    }
  }

  #end(broken?: Error): void {
    if (this.#isOver) clearTimeout(this.#timer)
    else if (this.#try(() => this.#reader!.end(broken))) {
      this.#over()
      if (!this.#isClosed) this.#timer = setTimeout(() => this.#abort(), lingerMs).unref()
    }
  }

  #try(step: () => void): boolean {
    try {
      step()
      return true
    } catch (error) {
      this.#fail(error)
      return false
    }
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#events.fail(error)
    this.#over()
    this.#abort()
  }

  #over(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #abort(): void {
    if (!this.#isClosed) this.#controller?.abort(new Error('The answer is no longer wanted'))
  }
}
