// .config.json of a model folder: which model answers, which stands behind it, and what is there.
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

/** Fields that Switch does not know stay as they are. */
const folderConfigurationSchema = z.looseObject({
  available_models: z.array(z.looseObject({
    name: z.string(),
    /** Relative to the folder. */
    path: z.string(),
    /** GB of 10^9 bytes. */
    size_gb: z.number().optional(),
    /** Tokens. */
    context_length: z.number().optional(),
    quantization: z.string().optional(),
    framework: z.string().optional(),
    recommended: z.boolean().optional()
  })).optional(),
  default_model: z.string().optional(),
  fallback_model: z.string().optional(),
  framework: z.string().optional()
})

export type FolderConfiguration = z.output<typeof folderConfigurationSchema>
export type AvailableModel = NonNullable<FolderConfiguration['available_models']>[number]

/** The file is there and makes no sense. The message says what to do. */
export class FolderConfigurationError extends Error {}

const fileName = '.config.json'

/**
 * Empty where there is no such file.
 * @throws FolderConfigurationError
 */
export function readFolderConfiguration(folder: string): FolderConfiguration {
  const path = join(folder, fileName)
  const text = readText(path)
  if (text === undefined) return {}
  try {
    return folderConfigurationSchema.parse(JSON.parse(text))
  } catch (error) {
    const what = error instanceof z.ZodError ? error.issues.map((issue) => `${issue.path.join('.') || 'the whole'}: ${issue.message}`).join('; ') : (error as Error).message
    throw new FolderConfigurationError(`${path} cannot be used (${what}). Mend it, or move it away: a new one is then written.`, { cause: error })
  }
}

/** Replaces the file at once: a reader finds the old or the new one, never half of it. */
export function writeFolderConfiguration(folder: string, configuration: FolderConfiguration): void {
  replaceFile(join(folder, fileName), `${JSON.stringify(configuration, null, 2)}\n`)
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw new FolderConfigurationError(`${path} cannot be read (${code}). Check its permissions.`, { cause: error })
  }
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    const file = openSync(temporary, 'w')
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
