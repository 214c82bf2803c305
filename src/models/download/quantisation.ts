// Finds the file of a repository that has a certain quantisation, from the hub's own list.
import { z } from 'zod'
import { SwitchError } from '../../inference/errors.ts'
import { refuseUnlessGiven } from './refusal.ts'
import { received } from './remote.ts'
import type { Remote, RemoteAnswer } from './remote.ts'
import { inEndpoint, sourceInRepository } from './source.ts'
import type { DownloadSource } from './source.ts'

const listSchema = z.array(z.looseObject({ path: z.string(), size: z.number().optional(), lfs: z.looseObject({ oid: z.string(), size: z.number() }).optional() }))

type Wanted = { readonly repo: string, readonly quantisation: string }

/** @throws SwitchError SWITCH_DOWNLOAD_NOT_FOUND that says what the repository has; RetryLater */
export async function findQuantisation({ repo, quantisation }: Wanted, remote: Remote, signal: AbortSignal): Promise<DownloadSource> {
  const { endpoint, hasToken } = remote
  const url = inEndpoint(endpoint, `api/models/${repo}/tree/main?recursive=true`)
  const answer = await remote.get(url, signal)
  await refuseUnlessGiven(answer, { model: repo, url, page: inEndpoint(endpoint, repo).href, hasToken })
  const files = listSchema.safeParse(await jsonOf(answer, signal)).data?.filter(({ path }) => /^(?:\w[\w.+-]*\/)*\w[\w.+-]*\.gguf$/i.test(path))
  if (files === undefined) throw new SwitchError('SWITCH_DOWNLOAD_FAILED', `${url.host} answered something that is no list of files. Check HF_ENDPOINT, or name the file itself: ${repo}:FILE.gguf.`)
  const found = files.find(({ path }) => endsIn(path, quantisation))
  if (found === undefined) throw notThere({ repo, quantisation }, files.map(({ path }) => path))
  const { lfs, size } = found
  return { ...sourceInRepository({ repo, path: found.path }, endpoint), bytes: lfs?.size ?? size, sha256: lfs !== undefined && /^[0-9a-f]{64}$/.test(lfs.oid) ? lfs.oid : undefined }
}

/** `Model-Q4_K_M.gguf` and `Model.q4_k_m.gguf`, but not `Model-IQ4_K_M.gguf`. */
function endsIn(path: string, quantisation: string): boolean {
  const name = path.slice(0, -'.gguf'.length).toLowerCase()
  return name.endsWith(quantisation.toLowerCase()) && /[-._/]/.test(name.at(-quantisation.length - 1) ?? '/')
}

function notThere({ repo, quantisation }: Wanted, paths: readonly string[]): SwitchError {
  const has = paths.length === 0 ? 'It has no GGUF file' : `It has ${paths.slice(0, 20).join(', ')}`
  return new SwitchError('SWITCH_DOWNLOAD_NOT_FOUND', `${repo} has no file that ends in ${quantisation}.gguf. ${has}.`)
}

async function jsonOf(answer: RemoteAnswer, signal: AbortSignal): Promise<unknown> {
  const chunks = await Array.fromAsync(received(answer, signal))
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'))
  } catch {
    return undefined
  }
}
