// What a status of the hub means for a download, in words that say what to do.
import { SwitchError } from '../../inference/errors.ts'
import { dump } from './remote.ts'
import type { RemoteAnswer } from './remote.ts'
import { RemoteChanged, RetryLater } from './retry-later.ts'
import type { DownloadSource } from './source.ts'

type Asked = Pick<DownloadSource, 'model' | 'url' | 'page'> & { readonly hasToken: boolean }

/** @throws SwitchError, RetryLater or RemoteChanged unless the answer is 200 or 206; its body is done with then */
export async function refuseUnlessGiven(answer: RemoteAnswer, asked: Asked): Promise<void> {
  const { status, headers } = answer
  if (status === 200 || status === 206) return
  await dump(answer)
  const isFromHub = answer.url.origin === asked.url.origin
  if (status === 416) throw new RemoteChanged('the range is not there')
  if (isFromHub && (status === 401 || status === 403)) throw forbidden(asked, headers['x-error-code'])
  if (isFromHub && (status === 404 || status === 410)) throw notFound(asked)
  // Links to a CDN are good for a while only: the hub gives a new one.
  if (!isFromHub || status === 408 || status === 429 || status >= 500) throw new RetryLater(`${answer.url.host} answers ${status}`, { afterMs: retryAfterMs(headers['retry-after']) })
  throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `${asked.url.host} answers ${status} for ${asked.url.href}: ${asked.model} was not pulled. Check the name, and HF_ENDPOINT where it is set.`)
}

function forbidden({ model, page, hasToken }: Asked, code: string | string[] | undefined): SwitchError {
  const token = hasToken ? 'HF_TOKEN is set, but its account may not read it: accept the licence' : 'It is gated or private, or there is no such repository: accept the licence'
  const advice = hasToken ? 'with that account, or set another HF_TOKEN' : 'and set HF_TOKEN to a token of that account'
  const repository = code === 'RepoNotFound' ? ' The hub knows no public repository of this name.' : ''
  return new SwitchError('SWITCH_DOWNLOAD_FORBIDDEN', `The hub does not give ${model} to us.${repository} ${token} at ${page} ${advice}.`)
}

function notFound({ model, url }: Asked): SwitchError {
  return new SwitchError('SWITCH_DOWNLOAD_NOT_FOUND', `${model} is not there: nothing lies at ${url.href}. Check the names of the repository and the file; letter case counts.`)
}

/** Seconds, as hubs send it. */
function retryAfterMs(header: string | string[] | undefined): number | undefined {
  return typeof header === 'string' && /^\d+$/.test(header) ? Number(header) * 1000 : undefined
}
