// Where a model file comes from, and what is known of it before anything was asked.
import type { CatalogueEntry } from '../catalogue.ts'

export type DownloadSource = {
  /** What messages call it: the catalogue's id, else the file. */
  readonly model: string
  readonly url: URL
  /** Its name in the model folder; ends in .gguf. */
  readonly file: string
  /** 64 hexadecimal digits, when pinned. */
  readonly sha256: string | undefined
  /** Exact size, when known. */
  readonly bytes: number | undefined
  /** A file of its name in the folder is this model or a damaged one; any other name may be taken by another model. */
  readonly isCatalogued: boolean
  /** The page where its terms can be read and accepted. */
  readonly page: string
}

export function sourceOfEntry(entry: CatalogueEntry, endpoint: URL): DownloadSource {
  const { id, repo, revision, file, sha256, size_bytes: bytes, size_is_approximate: isRounded } = entry
  return { ...sourceInRepository({ repo, revision, path: file }, endpoint), model: id, sha256: sha256 ?? undefined, bytes: isRounded ? undefined : bytes ?? undefined, isCatalogued: true }
}

/** @param path of the file within the repository */
export function sourceInRepository({ repo, revision = 'main', path }: { repo: string, revision?: string, path: string }, endpoint: URL): DownloadSource {
  const file = path.slice(path.lastIndexOf('/') + 1)
  const url = inEndpoint(endpoint, `${repo}/resolve/${encodeURIComponent(revision)}/${path}`)
  return { model: file, url, file, sha256: undefined, bytes: undefined, isCatalogued: false, page: inEndpoint(endpoint, repo).href }
}

/** An endpoint may have a path of its own. */
export function inEndpoint(endpoint: URL, path: string): URL {
  return new URL(`${endpoint.href.replace(/\/+$/, '')}/${path}`)
}
