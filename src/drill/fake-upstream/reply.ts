// One request to the fake upstream and the ways to answer it.
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { chunk, completion, doneEvent, usageChunk, usageOf } from './chunks.ts'
import type { FaultStrength } from './fault.ts'

export type ReplyOptions = {
  readonly response: ServerResponse
  /** The answer in words, each with the space before it. */
  readonly words: readonly string[]
  /** As the request named it. */
  readonly model: string
  readonly isStreamed: boolean
  readonly strength: FaultStrength
  /** Pause before each word. */
  readonly wordDelayMs: number
}

export class Reply {
  readonly response: ServerResponse
  readonly socket: Socket
  readonly words: readonly string[]
  readonly model: string
  readonly isStreamed: boolean
  readonly retryAfterSeconds: number
  /** Words before a fault in mid-stream. */
  readonly before: number
  readonly delayMs: number
  readonly #wordDelayMs: number
  readonly #gone = new AbortController()

  constructor({ response, words, model, isStreamed, strength, wordDelayMs }: ReplyOptions) {
    this.response = response
    this.socket = response.req.socket
    this.words = words
    this.model = model
    this.isStreamed = isStreamed
    this.before = Math.min(strength.words ?? 10, words.length)
    this.delayMs = strength.delayMs ?? 300
    this.retryAfterSeconds = strength.retryAfterSeconds ?? 1
    this.#wordDelayMs = wordDelayMs
    response.once('close', () => this.#gone.abort())
  }

  /** True when the connection is closed. */
  get isGone(): boolean {
    return this.#gone.signal.aborted
  }

  json(status: number, body: object, headers: Record<string, string> = {}): void {
    this.send(status, 'application/json', JSON.stringify(body), headers)
  }

  send(status: number, type: string, body: string | Buffer, headers: Record<string, string> = {}): void {
    this.response.writeHead(status, { 'content-type': type, ...headers }).end(body)
  }

  /** Waits; less when the connection closes. */
  async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#gone.signal }).catch(() => undefined)
  }

  /** Headers of a stream, and the role, which is no token. */
  open(): void {
    this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' })
    this.response.write(chunk(this.model, { delta: { role: 'assistant', content: '' } }))
  }

  /** Resolves when the bytes are with the kernel. */
  async write(text: string | Buffer): Promise<void> {
    await new Promise<void>((resolve) => { this.response.write(text, () => resolve()) })
  }

  /** Words `from` to before `to`, one event each. */
  async say(from: number, to: number): Promise<void> {
    for (const content of this.words.slice(from, to)) {
      if (this.#wordDelayMs > 0) await this.pause(this.#wordDelayMs)
      if (this.isGone) return
      this.response.write(chunk(this.model, { delta: { content } }))
    }
    await this.write('')
  }

  async sayAll(): Promise<void> {
    await this.say(0, this.words.length)
  }

  /** The end of a good answer. */
  finish(reason = 'stop'): void {
    this.response.end(chunk(this.model, { finish_reason: reason }) + usageChunk(this.model, usageOf(this.words.length)) + doneEvent)
  }

  /** The good answer. */
  async answer(): Promise<void> {
    if (!this.isStreamed) return this.json(200, completion(this.model, this.words))
    this.open()
    await this.sayAll()
    this.finish()
  }
}
