// The models that Switch knows by a short name.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'

const entrySchema = z.strictObject({
  /** The short name, as HERMES_MODEL_NAME takes it. */
  id: z.string(),
  /** The GGUF file as its publisher names it. */
  file: z.string()
})

const catalogueSchema = z.strictObject({
  /** The model that ships with Switch. */
  embedded: entrySchema,
  /** Best first. */
  models: z.array(entrySchema)
})

export type CatalogueEntry = z.output<typeof entrySchema>
export type Catalogue = z.output<typeof catalogueSchema>

const folder = new URL('../../models/', import.meta.url)

/** Reads models/catalogue.json. */
export function readCatalogue(): Catalogue {
  return catalogueSchema.parse(JSON.parse(readFileSync(new URL('catalogue.json', folder), 'utf8')))
}

/** Where the embedded model lies. */
export function embeddedModelPath(catalogue: Catalogue): string {
  return fileURLToPath(new URL(catalogue.embedded.file, folder))
}
