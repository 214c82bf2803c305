// Downloads of tests: a mirror that closes itself, and a pull of its model with short waits.
import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { downloadModel } from '../../src/models/download/download.ts'
import type { DownloadOptions } from '../../src/models/download/download.ts'
import type { PullProgress, PullResult } from '../../src/models/download/progress.ts'
import { Remote } from '../../src/models/download/remote.ts'
import { sourceInRepository } from '../../src/models/download/source.ts'
import type { DownloadSource } from '../../src/models/download/source.ts'
import type { Log } from '../../src/observability/log.ts'
import { startModelMirror, tinyModelPath } from './model-mirror.ts'
import type { MirrorSettings, ModelMirror } from './model-mirror.ts'
import { temporaryFolder } from './service.ts'

export const tinyModel = readFileSync(tinyModelPath)
export const tinySha256 = createHash('sha256').update(tinyModel).digest('hex')
export const repo = 'owner/Tiny-GGUF'
export const file = 'Tiny-Q4_K_M.gguf'

export async function mirrorFor(t: TestContext, settings: MirrorSettings = {}): Promise<ModelMirror> {
  const mirror = await startModelMirror(settings)
  t.after(() => mirror.close())
  return mirror
}

export type TestPull = Partial<Omit<DownloadOptions, 'source' | 'remote'>> & { source?: Partial<DownloadSource>, token?: string, warnings?: string[] }

export type StartedPull = { result: Promise<PullResult>, folder: string, path: string, progress: PullProgress[] }

/** Starts a pull of the tiny model; one connection and waits of a millisecond unless told otherwise. */
export function startPull(t: TestContext, mirror: ModelMirror, { source, token, warnings = [], folder = temporaryFolder(t), onProgress, ...rest }: TestPull = {}): StartedPull {
  const endpoint = new URL(mirror.url)
  const remote = new Remote({ endpoint, token })
  t.after(() => remote.close())
  const progress: PullProgress[] = []
  const say = (_facts: unknown, text?: string) => void warnings.push(String(text))
  const log: Log = { debug() {}, info() {}, warn: say, error: say }
  const result = downloadModel({
    source: { ...sourceInRepository({ repo, path: file }, endpoint), ...source },
    folder, remote, log,
    signal: new AbortController().signal,
    retry: { firstMs: 1 },
    ...rest,
    onProgress: (step) => {
      progress.push(step)
      onProgress?.(step)
    }
  })
  result.catch(() => undefined)
  return { result, folder, path: join(folder, file), progress }
}

/** Everything in the folder, hidden files too. */
export function filesIn(folder: string): string[] {
  return readdirSync(folder).sort()
}

/** Ranges that the CDN was asked for, without the first look at the file. */
export function rangesOf(mirror: ModelMirror): (string | undefined)[] {
  return mirror.requests.filter(({ server, range }) => server === 'cdn' && range !== 'bytes=0-3').map(({ range }) => range)
}
