// An Ollama of which tests say what it does. It speaks the wire format of Ollama 0.33, zero values left out, on a real port.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

export type Line = Record<string, unknown>
export type FakeCall = { id?: string, name: string, arguments?: unknown }

/** What the next chat meets. */
export type FakeChat = {
  /** Other than 200: an answer before the first byte, with `error` or the raw `body`. */
  status?: number
  error?: string
  body?: string
  headers?: Record<string, string>
  /** Lines of the answer; a text is written as it is. */
  lines?: readonly (Line | string)[]
  /** Bytes that travel together; all of a line by default. */
  pieceBytes?: number
  /** After the lines: end the answer, say nothing more, or cut the connection. */
  ending?: 'end' | 'stall' | 'cut'
  /** The last line has no line end. */
  isUnterminated?: boolean
}

export type FakeModel = { name: string, remote_host?: string, size?: number, context_length?: number }
export type FakeLogprob = { token: string, logprob: number, bytes?: number[], top_logprobs?: FakeLogprob[] }

const head = { model: 'fake', created_at: '2026-08-21T10:00:00.000000001Z' }

/** A middle line. `content` is always there, also when empty. */
export function delta({ logprobs, ...message }: { content?: string, thinking?: string, tool_calls?: FakeCall[], logprobs?: FakeLogprob[] }): Line {
  return { ...head, message: wireMessage(message), done: false, ...(logprobs && { logprobs }) }
}

/** A line of /api/generate. */
export function piece(response: string, last: Line = { done: false }): Line {
  return { ...head, response, ...last }
}

/** The last line. A count of 0 is left out, as Go does. */
export function done({ reason = 'stop', prompt = 11, completion = 2, ...message }: { reason?: string, prompt?: number, completion?: number, content?: string, thinking?: string, tool_calls?: FakeCall[] } = {}): Line {
  return {
    ...head, message: wireMessage(message), done: true, ...(reason && { done_reason: reason }), total_duration: 5_000_000, load_duration: 1_000_000,
    ...(prompt && { prompt_eval_count: prompt }), prompt_eval_duration: 2_000_000, ...(completion && { eval_count: completion }), eval_duration: 2_000_000
  }
}

/** A 400 of llama-server as Ollama passes it on: JSON inside the error text. */
export function contextExceeded(promptTokens: number, contextLength: number): FakeChat {
  const message = `request (${promptTokens} tokens) exceeds the available context size (${contextLength} tokens), try increasing it`
  return { status: 400, error: JSON.stringify({ error: { code: 400, message, type: 'exceed_context_size_error', n_prompt_tokens: promptTokens, n_ctx: contextLength } }) }
}

export const serverBusy: FakeChat = { status: 503, error: 'server busy, please try again.  maximum pending requests exceeded' }

function wireMessage({ content = '', thinking, tool_calls: calls }: { content?: string, thinking?: string, tool_calls?: FakeCall[] }): Line {
  return {
    role: 'assistant', content, ...(thinking && { thinking }),
    ...(calls && { tool_calls: calls.map(({ id, name, arguments: given = {} }, index) => ({ ...(id && { id }), function: { index, name, arguments: given } })) })
  }
}

export class FakeOllama {
  /** Bodies of chats with messages, in order. */
  readonly chats: Line[] = []
  /** Bodies of POST /api/generate, in order; they meet the same script. */
  readonly generations: Line[] = []
  /** Bodies of POST /api/embed, in order. */
  readonly embeds: Line[] = []
  /** What an embed meets; undefined: a vector for each text. */
  embed: FakeChat | undefined
  /** What the model can do; undefined: an Ollama that does not tell. */
  capabilities: string[] | undefined = ['completion', 'tools']
  /** Bodies of chats without messages: loads. */
  readonly loads: Line[] = []
  readonly paths: string[] = []
  /** What the next chats meet, in order; when none is left: an answer "Hello". */
  readonly script: FakeChat[] = []
  stored: FakeModel[] = [{ name: 'hermes3:3b' }]
  running: FakeModel[] = []
  /** What a load meets before the model is listed. */
  load: () => Promise<FakeChat | void> = async () => undefined
  openConnections = 0
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response))
    this.#server.on('connection', (socket) => {
      this.openConnections++
      socket.once('close', () => this.openConnections--)
    })
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** @param port 0: any free one */
  async listen(port = 0): Promise<void> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  /** As SIGTERM does to Ollama: every connection closes at once. */
  async stop(): Promise<void> {
    if (!this.#server.listening) return
    this.#server.close()
    this.#server.closeAllConnections()
    await once(this.#server, 'close')
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.paths.push(`${request.method} ${request.url}`)
    switch (`${request.method} ${request.url}`) {
      case 'GET /api/version': return sendJson(response, 200, { version: '0.33.0' })
      case 'GET /api/tags': return sendJson(response, 200, { models: this.stored.map((model) => ({ model: model.name, modified_at: '2026-08-21T10:00:00Z', size: 2_019_377_376, digest: 'ab'.repeat(32), details: { format: 'gguf' }, ...model })) })
      case 'GET /api/ps': return sendJson(response, 200, { models: this.running.map((model) => ({ model: model.name, size: 3_000_000_000, digest: 'ab'.repeat(32), details: { format: 'gguf' }, expires_at: '2318-12-01T10:00:00Z', size_vram: 0, context_length: 2048, ...model })) })
      case 'POST /api/show': return sendJson(response, 200, { ...(this.capabilities && { capabilities: this.capabilities }), model_info: { 'general.architecture': 'llama', 'llama.context_length': 131_072 } })
      case 'POST /api/chat': return this.#chat(await json(request) as Line, response)
      case 'POST /api/generate': return this.#generate(await json(request) as Line, response)
      case 'POST /api/embed': return this.#embed(await json(request) as Line, response)
      default: response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found')
    }
  }

  async #chat(body: Line, response: ServerResponse): Promise<void> {
    if ((body['messages'] as unknown[]).length === 0) return this.#loadModel(body, response)
    this.chats.push(body)
    await play(response, this.script.shift() ?? { lines: [delta({ content: 'Hel' }), delta({ content: 'lo' }), done()] })
  }

  async #generate(body: Line, response: ServerResponse): Promise<void> {
    this.generations.push(body)
    await play(response, this.script.shift() ?? { lines: [piece('Hel'), piece('lo', { done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2 })] })
  }

  async #embed(body: Line, response: ServerResponse): Promise<void> {
    this.embeds.push(body)
    if (this.embed !== undefined) return play(response, this.embed)
    const embeddings = (body['input'] as string[]).map(({ length }) => [length, 0.5])
    sendJson(response, 200, { model: body['model'], embeddings, total_duration: 5_000_000, load_duration: 1_000_000, prompt_eval_count: 9 })
  }

  async #loadModel(body: Line, response: ServerResponse): Promise<void> {
    this.loads.push(body)
    const trouble = await this.load()
    if (trouble !== undefined) return play(response, trouble)
    const name = body['model'] as string
    const unloads = body['keep_alive'] === 0
    const context = (body['options'] as Line)['num_ctx'] as number
    this.running = unloads ? [] : this.running.some((model) => model.name === name) ? this.running : [{ name, context_length: context }]
    sendJson(response, 200, { ...head, message: { role: 'assistant', content: '' }, done: true, done_reason: unloads ? 'unload' : 'load' })
  }
}

/** A fake Ollama on a free port, stopped after the test. */
export async function fakeOllama(t: TestContext): Promise<FakeOllama> {
  const ollama = new FakeOllama()
  await ollama.listen()
  t.after(() => ollama.stop())
  return ollama
}

async function play(response: ServerResponse, { status = 200, error, body, headers, lines = [], pieceBytes, ending = 'end', isUnterminated = false }: FakeChat): Promise<void> {
  if (status !== 200 || body !== undefined) {
    response.writeHead(status, { 'content-type': error === undefined ? 'text/html' : 'application/json; charset=utf-8', ...headers })
    return void response.end(body ?? (error === undefined ? '' : JSON.stringify({ error })))
  }
  response.writeHead(200, { 'content-type': 'application/x-ndjson', ...headers })
  response.flushHeaders()
  const text = lines.map((line) => typeof line === 'string' ? line : JSON.stringify(line)).join('\n')
  await write(response, Buffer.from(isUnterminated || lines.length === 0 ? text : `${text}\n`), pieceBytes)
  if (ending === 'end') response.end()
  else if (ending === 'cut') response.socket?.destroy()
}

/** Writes in pieces that the other side really gets one by one. */
async function write(response: ServerResponse, bytes: Buffer, pieceBytes = bytes.length): Promise<void> {
  for (let start = 0; start < bytes.length && !response.destroyed; start += pieceBytes) {
    response.write(bytes.subarray(start, start + pieceBytes))
    await new Promise((resolve) => setImmediate(resolve))
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
}
