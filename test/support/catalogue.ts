// Catalogues of tests: entries that say no more than they must.
import type { Catalogue, CatalogueEntry } from '../../src/models/catalogue.ts'

export function catalogueEntry(entry: Partial<CatalogueEntry> & { id: string, file: string }): CatalogueEntry {
  return {
    title: entry.id, repo: 'owner/name', revision: 'main', sha256: null, size_bytes: null, size_is_approximate: false, parameters_b: 1, quantisation: 'Q4_K_M', native_context: 2048,
    licence: 'mit', is_gated: false, template: 'chatml', ollama: null, size_class: '1b', recommended: { temperature: 0.7, top_p: 0.9, max_tokens: 512, context_length: 2048 }, note: '', ...entry
  }
}

export function catalogueOf(...models: CatalogueEntry[]): Catalogue {
  return { embedded: { id: 'switch-tiny', file: 'switch-tiny.gguf' }, models }
}
