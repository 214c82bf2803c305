// A model hub in Hugging Face's form on real ports: the hub redirects each file to a second server, as to its CDN.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

export const tinyModelPath = fileURLToPath(new URL('../../models/switch-tiny.gguf', import.meta.url))

/** May be changed while the mirror runs: the next request sees it. */
export type MirrorSettings = {
  /** Bytes or paths of files by `owner/name/file.gguf`; without it every repository has switch-tiny.gguf under every name. */
  files?: Readonly<Record<string, string | Buffer>>
  /** Connections break when so many bytes of files were sent in all; once, unless `cuts` says otherwise. */
  cutAfterBytes?: number
  cuts?: number
  bytesPerSecond?: number
  /** `bytes`: the last byte is another one; `length`: 1000 bytes fewer than the hub says. */
  wrong?: 'bytes' | 'length'
  /** False: every answer is the whole file. */
  hasRanges?: boolean
  /** Without this token the hub answers as for a gated repository. */
  neededToken?: string
  /** False: the hub itself sends the bytes, and no header of a hub. */
  hasCdn?: boolean
  /** Statuses of the next answers of the hub, before it is well again. */
  failures?: number[]
}

export type MirrorRequest = { server: 'hub' | 'cdn', method: string, path: string, range: string | undefined, authorization: string | undefined }

export type ModelMirror = {
  /** The value for HF_ENDPOINT. */
  readonly url: string
  readonly cdnUrl: string
  readonly settings: MirrorSettings
  readonly requests: readonly MirrorRequest[]
  /** Bytes of files that were sent, in all. */
  sentBytes(): number
  close(): Promise<void>
}

/** Listens on two free ports. Give `close` to the test's `after`. */
export async function startModelMirror(settings: MirrorSettings = {}): Promise<ModelMirror> {
  const mirror = new Mirror(settings)
  await mirror.listen()
  return mirror
}

const pieceBytes = 32 * 1024

class Mirror implements ModelMirror {
  readonly settings: MirrorSettings
  readonly requests: MirrorRequest[] = []
  url = ''
  cdnUrl = ''
  readonly #hub = createServer((request, response) => void this.#answerAsHub(request, response))
  readonly #cdn = createServer((request, response) => void this.#answerAsCdn(request, response))
  #sentBytes = 0
  #cutsDone = 0

  constructor(settings: MirrorSettings) {
    this.settings = settings
  }

  sentBytes(): number {
    return this.#sentBytes
  }

  async listen(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) await once(server.listen(0, '127.0.0.1'), 'listening')
    this.url = urlOf(this.#hub)
    this.cdnUrl = urlOf(this.#cdn)
  }

  async close(): Promise<void> {
    for (const server of [this.#hub, this.#cdn]) {
      if (!server.listening) continue
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    }
  }

  async #answerAsHub(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = this.#note('hub', request)
    const { failures = [], neededToken, hasCdn = true } = this.settings
    const failure = failures.shift()
    if (failure !== undefined) return refuse(response, failure)
    if (neededToken !== undefined && request.headers.authorization !== `Bearer ${neededToken}`) return refuse(response, 401, 'GatedRepo')
    const tree = /^\/api\/models\/([^/]+\/[^/]+)\/tree\//.exec(path)?.[1]
    if (tree !== undefined) return this.#list(tree, response)
    const [, repo, file] = /^\/([^/]+\/[^/]+)\/resolve\/[^/]+\/(.+)$/.exec(path) ?? []
    const bytes = repo === undefined ? undefined : this.#bytesOf(`${repo}/${file}`)
    if (bytes === undefined) return refuse(response, 404, 'EntryNotFound')
    if (!hasCdn) return this.#send(bytes, request, response)
    response.writeHead(302, { 'X-Linked-Size': bytes.length, 'X-Linked-ETag': `"${sha256Of(bytes)}"`, 'X-Repo-Commit': '0'.repeat(40), 'Location': `${this.cdnUrl}/${repo}/${file}?Expires=1&Signature=abc` }).end()
  }

  async #answerAsCdn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const bytes = this.#bytesOf(this.#note('cdn', request).slice(1))
    if (bytes === undefined) return refuse(response, 404)
    await this.#send(bytes, request, response)
  }

  #note(server: MirrorRequest['server'], { method = '', url = '', headers }: IncomingMessage): string {
    const path = decodeURIComponent(url.split('?')[0]!)
    this.requests.push({ server, method, path, range: headers.range, authorization: headers.authorization })
    return path
  }

  #list(repo: string, response: ServerResponse): void {
    const names = this.settings.files === undefined
      ? ['Q4_K_M', 'Q2_K'].map((quantisation) => `${repo.split('/')[1]!.replace(/-GGUF$/, '')}-${quantisation}.gguf`)
      : Object.keys(this.settings.files).filter((path) => path.startsWith(`${repo}/`)).map((path) => path.slice(repo.length + 1))
    const rows = names.map((path) => {
      const bytes = this.#bytesOf(`${repo}/${path}`)!
      return { type: 'file', path, size: bytes.length, oid: 'ab'.repeat(20), lfs: { oid: sha256Of(bytes), size: bytes.length } }
    })
    response.setHeader('Content-Type', 'application/json').end(JSON.stringify(rows))
  }

  #bytesOf(path: string): Buffer | undefined {
    const { files } = this.settings
    if (files === undefined) return readFileSync(tinyModelPath)
    const file = files[path]
    return typeof file === 'string' ? readFileSync(file) : file
  }

  async #send(whole: Buffer, { method, headers: { range } }: IncomingMessage, response: ServerResponse): Promise<void> {
    const { wrong, hasRanges = true } = this.settings
    const bytes = wrong === 'length' ? whole.subarray(0, -1000) : wrong === 'bytes' ? withOtherEnd(whole) : whole
    const [, first = '', last = ''] = /^bytes=(\d+)-(\d*)$/.exec(hasRanges ? range ?? '' : '') ?? []
    const start = Number(first)
    const end = last === '' ? bytes.length : Math.min(Number(last) + 1, bytes.length)
    if (start >= bytes.length) return refuse(response, 416)
    response.writeHead(first === '' ? 200 : 206, {
      'Content-Type': 'application/octet-stream',
      'Content-Length': end - start,
      'ETag': `"cdn-${sha256Of(whole).slice(0, 32)}"`,
      ...(hasRanges && { 'Accept-Ranges': 'bytes' }),
      ...(first !== '' && { 'Content-Range': `bytes ${start}-${end - 1}/${bytes.length}` })
    })
    if (method === 'HEAD') return void response.end()
    // What the pipeline throws is a cut, ours or that of who asked.
    await pipeline(this.#piecesOf(bytes.subarray(start, end)), response).catch(() => undefined)
  }

  async *#piecesOf(bytes: Buffer): AsyncGenerator<Buffer, void> {
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      const piece = bytes.subarray(at, at + pieceBytes)
      const { cutAfterBytes = Infinity, cuts = 1, bytesPerSecond } = this.settings
      if (this.#cutsDone < cuts && this.#sentBytes + piece.length > cutAfterBytes) {
        this.#cutsDone++
        throw new Error('cut')
      }
      this.#sentBytes += piece.length
      yield piece
      if (bytesPerSecond !== undefined) await sleep(piece.length / bytesPerSecond * 1000)
    }
  }
}

function urlOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

function refuse(response: ServerResponse, status: number, code?: string): void {
  response.writeHead(status, code === undefined ? {} : { 'X-Error-Code': code }).end()
}

function sha256Of(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}

function withOtherEnd(bytes: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, -1), Buffer.from([bytes.at(-1)! ^ 0xFF])])
}
