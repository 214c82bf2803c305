// Reads the name of a model to pull: a catalogue id, a file or a quantisation of a repository, or an address.
import { SwitchError } from '../../inference/errors.ts'
import type { Catalogue, CatalogueEntry } from '../catalogue.ts'

export type ModelReference =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'entry', readonly entry: CatalogueEntry }
  | { readonly kind: 'file', readonly repo: string, readonly path: string }
  | { readonly kind: 'quantisation', readonly repo: string, readonly quantisation: string }
  | { readonly kind: 'address', readonly url: URL, readonly file: string }

/** No part of a repository or path begins with a dot, so that none leads out of a folder. */
const repository = /^(?:(?:https:\/\/)?(?:hf\.co|huggingface\.co)\/)?(\w[\w.-]*\/\w[\w.-]*)(?::(.*))?$/
const pathInRepository = /^(?:\w[\w.+-]*\/)*\w[\w.+-]*\.gguf$/i
const quantisationName = /^\w[\w.-]*$/
const fileName = /^\w[\w.+ -]*\.gguf$/i

/**
 * @param endpoint of the model hub: plain http is accepted there, and nowhere else
 * @throws SwitchError SWITCH_MODEL_UNKNOWN that lists what there is
 */
export function readReference(name: string, catalogue: Catalogue, endpoint: URL): ModelReference {
  if (name === catalogue.embedded.id) return { kind: 'embedded' }
  const entry = catalogue.models.find(({ id }) => id === name)
  if (entry !== undefined) return { kind: 'entry', entry }
  const [, repo, wanted] = repository.exec(name) ?? []
  if (repo !== undefined) return inRepository(repo, wanted ?? '')
  if (/^https?:\/\//i.test(name)) return atAddress(name, endpoint)
  throw unknown(name, `The catalogue has ${catalogue.models.map(({ id }) => id).join(', ')}. Others are named as OWNER/REPOSITORY:FILE.gguf, OWNER/REPOSITORY:Q4_K_M, or by a whole https address that ends in .gguf`)
}

function inRepository(repo: string, wanted: string): ModelReference {
  if (pathInRepository.test(wanted)) return { kind: 'file', repo, path: wanted }
  if (quantisationName.test(wanted)) return { kind: 'quantisation', repo, quantisation: wanted }
  throw unknown(wanted === '' ? repo : `${repo}:${wanted}`, `Say which file of the repository, as ${repo}:FILE.gguf or ${repo}:Q4_K_M`)
}

function atAddress(name: string, endpoint: URL): ModelReference {
  const url = URL.parse(name)
  const file = url === null ? '' : decoded(url.pathname.slice(url.pathname.lastIndexOf('/') + 1))
  if (url === null || !fileName.test(file)) throw unknown(name, 'An address must end in the name of a .gguf file')
  if (url.protocol !== 'https:' && url.origin !== endpoint.origin) throw unknown(name, 'An address must begin with https://')
  if (url.username !== '' || url.password !== '') throw unknown(url.host, 'An address must not hold a user or a password')
  // The address of the file's page, as people copy it from there.
  url.pathname = url.pathname.replace(/^(\/[^/]+\/[^/]+)\/blob\//, '$1/resolve/')
  return { kind: 'address', url, file }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

function unknown(name: string, advice: string): SwitchError {
  return new SwitchError('SWITCH_MODEL_UNKNOWN', `${JSON.stringify(name)} names no model to pull. ${advice}.`)
}
