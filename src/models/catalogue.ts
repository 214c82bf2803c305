// The models that Switch knows by a short name.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { sizeClasses } from './size-rule.ts'

const embeddedSchema = z.strictObject({
  /** The short name, as HERMES_MODEL_NAME takes it. */
  id: z.string(),
  /** The GGUF file that ships with Switch. */
  file: z.string()
})

const entrySchema = z.strictObject({
  /** The short name, as HERMES_MODEL_NAME takes it. */
  id: z.string(),
  /** The model's own name, for people. */
  title: z.string(),
  /** Repository on Hugging Face, `owner/name`. */
  repo: z.string().regex(/^[\w.-]+\/[\w.-]+$/),
  /** Branch, tag or commit of the repository. */
  revision: z.string(),
  /** The GGUF file as its publisher names it. */
  file: z.string().regex(/^[\w.-]+\.gguf$/),
  /** Of exactly this file of this repository; null where nobody has published it. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/).nullable(),
  /** Bytes of the file; what is measured on disk counts more. */
  size_bytes: z.int().positive().nullable(),
  /** True when size_bytes is rounded, as a page showed it: good for a plan, not for a check. */
  size_is_approximate: z.boolean(),
  /** Parameters in billions. */
  parameters_b: z.number().positive(),
  /** As llama.cpp names it, such as Q4_K_M. */
  quantisation: z.string(),
  /** Tokens of the longest context that the model was made for. */
  native_context: z.int().positive(),
  /** As its repository names it, such as apache-2.0. */
  licence: z.string(),
  /** True when the file is given only to an account that accepted its terms. */
  is_gated: z.boolean(),
  /** How turns are written, such as chatml. */
  template: z.string(),
  /** What `ollama pull` takes for this model; null where there is nothing. */
  ollama: z.string().nullable(),
  size_class: z.enum(sizeClasses),
  recommended: z.strictObject({ temperature: z.number(), top_p: z.number(), max_tokens: z.int(), context_length: z.int() }),
  /** What to know before choosing it. */
  note: z.string()
})

const catalogueSchema = z.strictObject({
  /** The model that ships with Switch. */
  embedded: embeddedSchema,
  /** Best first. */
  models: z.array(entrySchema)
})

export type CatalogueEntry = z.output<typeof entrySchema>
export type Catalogue = z.output<typeof catalogueSchema>

const folder = new URL('../../models/', import.meta.url)

/** Reads models/catalogue.json. @throws an error that says what is wrong with it */
export function readCatalogue(file = new URL('catalogue.json', folder)): Catalogue {
  try {
    return catalogueSchema.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message
    throw new Error(`The list of models that ships with Switch cannot be read; install Switch again, or correct ${fileURLToPath(file)}: ${why}`, { cause: error })
  }
}

/** Where the embedded model lies. */
export function embeddedModelPath(catalogue: Catalogue): string {
  return fileURLToPath(new URL(catalogue.embedded.file, folder))
}
