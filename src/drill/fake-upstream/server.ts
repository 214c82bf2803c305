// An OpenAI-compatible server on a loopback port that misbehaves as it is told.
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { answerText, wordsOf } from './answer-text.ts'
import { FaultScript } from './fault-script.ts'
import { faults } from './faults.ts'
import type { Fault, FaultStep } from './faults.ts'
import { Reply } from './reply.ts'

export type FakeUpstreamOptions = {
  /** What it answers; default: sixty words. */
  readonly answer?: string
  /** Pause before each word, in milliseconds; default 0. */
  readonly wordDelayMs?: number
}

/** A POST /chat/completions as it came. */
export type RecordedRequest = {
  /** performance.now() when its body had come. */
  readonly atMs: number
  readonly headers: IncomingMessage['headers']
  readonly body: Readonly<Record<string, unknown>>
  /** True when the caller closed the connection before the answer was complete. */
  isAborted: boolean
}

export type FakeUpstream = {
  /** Base URL, ending in /v1. */
  readonly url: string
  /** The answer's text when all is well. */
  readonly answer: string
  /** Every POST /chat/completions, in order. */
  readonly requests: readonly RecordedRequest[]
  openConnections(): number
  /** From the next request on; for `times` requests where that is given. Resolves when it is in force. */
  setFault(fault: Fault | FaultStep): Promise<void>
  /** Several, one after the other; after the last all is well. */
  script(...steps: (Fault | FaultStep)[]): Promise<void>
  /** Closes the port and every connection. */
  close(): Promise<void>
}

export async function startFakeUpstream(options: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const upstream = new Upstream(options)
  await upstream.listen()
  return upstream
}

class Upstream implements FakeUpstream {
  readonly answer: string
  readonly requests: RecordedRequest[] = []
  readonly #words: readonly string[]
  readonly #wordDelayMs: number
  readonly #script = new FaultScript()
  readonly #sockets = new Set<Socket>()
  readonly #server: Server
  #port = 0

  constructor({ answer = answerText, wordDelayMs = 0 }: FakeUpstreamOptions) {
    this.answer = answer
    this.#words = wordsOf(answer)
    this.#wordDelayMs = wordDelayMs
    this.#server = createServer((request, response) => void this.#serve(request, response).catch(() => response.destroy()))
    this.#server.on('connection', (socket) => this.#track(socket))
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/v1`
  }

  openConnections(): number {
    return this.#sockets.size
  }

  setFault(fault: Fault | FaultStep): Promise<void> {
    return this.script(fault)
  }

  async script(...steps: (Fault | FaultStep)[]): Promise<void> {
    this.#script.set(steps)
    if (this.#script.current.fault === 'refused') await this.close()
    else await this.listen()
  }

  /** On the same port as before, once it had one. */
  async listen(): Promise<void> {
    if (this.#server.listening) return
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(this.#port, '127.0.0.1', resolve)
    })
    this.#port = (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = new Promise((resolve) => { this.#server.close(resolve) })
    for (const socket of this.#sockets) socket.destroy()
    await closed
    this.#sockets.clear()
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('close', () => this.#sockets.delete(socket))
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isChat = request.method === 'POST' && request.url === '/v1/chat/completions'
    const body = isChat ? JSON.parse(await text(request)) as Record<string, unknown> : {}
    if (isChat) this.#record(request, response, body)
    const step = isChat ? this.#script.take() : this.#script.current
    const reply = new Reply({ response, words: this.#words, model: String(body['model']), isStreamed: body['stream'] === true, strength: step, wordDelayMs: this.#wordDelayMs })
    if (isChat || faults[step.fault].everywhere) await faults[step.fault].reply(reply)
    else if (request.url === '/v1/models') reply.json(200, { object: 'list', data: [{ id: 'fake-model', object: 'model', created: 0, owned_by: 'switch' }] })
    else reply.json(404, { error: { message: 'Unknown request URL', type: 'invalid_request_error', param: null, code: 'unknown_url' } })
  }

  #record({ headers }: IncomingMessage, response: ServerResponse, body: Record<string, unknown>): void {
    const recorded: RecordedRequest = { atMs: performance.now(), headers, body, isAborted: false }
    this.requests.push(recorded)
    response.once('close', () => { recorded.isAborted = !response.writableFinished })
  }
}
