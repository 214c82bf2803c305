// A first look at the file behind an address: how long it is, which version, and whether it can be had in parts.
import { SwitchError } from '../../inference/errors.ts'
import { refuseUnlessGiven } from './refusal.ts'
import { etagOf, received } from './remote.ts'
import type { Remote, RemoteAnswer } from './remote.ts'
import type { DownloadSource } from './source.ts'

export type RemoteFile = {
  readonly bytes: number
  /** Changes when the file does; undefined when the server tells nothing of the kind. */
  readonly version: string | undefined
  /** 64 hexadecimal digits: pinned by the source, or told by the hub. */
  readonly sha256: string | undefined
  readonly hasRanges: boolean
}

const magic = Buffer.from('GGUF')

/**
 * Asks for the first bytes alone.
 * @throws SwitchError when it is not the file that it should be; RetryLater
 */
export async function lookAt(source: DownloadSource, remote: Remote, signal: AbortSignal): Promise<RemoteFile> {
  const answer = await remote.get(source.url, signal, [0, magic.length - 1])
  await refuseUnlessGiven(answer, { ...source, hasToken: remote.hasToken })
  const bytes = wholeLength(answer)
  const linked = answer.linkedEtag
  if (!(await firstBytes(answer, signal)).equals(magic)) throw damaged(source, 'what lies there is no GGUF file')
  if (bytes === undefined) throw damaged(source, 'the server does not say how long it is')
  const said = source.bytes ?? answer.linkedBytes ?? bytes
  if (bytes !== said) throw damaged(source, `it has ${bytes} bytes and should have ${said}`)
  const sha256 = linked !== undefined && /^[0-9a-f]{64}$/.test(linked) ? linked : undefined
  if (source.sha256 !== undefined && sha256 !== undefined && sha256 !== source.sha256) throw damaged(source, `its checksum is ${sha256} and should be ${source.sha256}`)
  return { bytes, version: versionOf(answer), sha256: source.sha256 ?? sha256, hasRanges: answer.status === 206 }
}

/** The hub's own tag before that of the CDN, which may differ from one server to the next. */
export function versionOf({ linkedEtag, headers }: RemoteAnswer): string | undefined {
  return linkedEtag ?? etagOf(headers['etag']) ?? etagOf(headers['last-modified'])
}

/** What came is not what should have come; nothing of it is kept. @param what goes on "MODEL from ADDRESS was refused:" */
export function damaged({ model, url }: Pick<DownloadSource, 'model' | 'url'>, what: string): SwitchError {
  return new SwitchError('SWITCH_DOWNLOAD_DAMAGED', `${model} from ${url.href} was refused: ${what}. Nothing of it was kept. Pull it again; if that goes on, take it from another repository.`)
}

/** Bytes of the whole file, also where a part was asked for. */
export function wholeLength({ status, headers }: Pick<RemoteAnswer, 'status' | 'headers'>): number | undefined {
  const header = status === 206 ? /\/(\d+)$/.exec(String(headers['content-range']))?.[1] : headers['content-length']
  return typeof header === 'string' ? Number(header) : undefined
}

/** Reads no further than it must: a server without ranges sends everything. */
async function firstBytes(answer: RemoteAnswer, signal: AbortSignal): Promise<Buffer> {
  let first = Buffer.alloc(0)
  for await (const chunk of received(answer, signal)) {
    first = Buffer.concat([first, chunk])
    if (first.length >= magic.length) break
  }
  return first.subarray(0, magic.length)
}
