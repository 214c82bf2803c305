// Reads Prometheus' text format, strictly: what is no comment and no sample fails the test.
import assert from 'node:assert/strict'
import type { FastifyInstance } from 'fastify'
import { until } from '../../support/service.ts'

export type Sample = { readonly name: string, readonly labels: Readonly<Record<string, string>>, readonly value: number }

export type Exposition = {
  readonly samples: readonly Sample[]
  /** Names of metrics, without the endings of histograms, to their types. */
  readonly types: ReadonlyMap<string, string>
}

const sampleForm = /^([a-z_:][a-z0-9_:]*)(?:\{(.*)\})? (\S+)$/i
const labelForm = /([a-z_]\w*)="((?:[^"\\]|\\.)*)"(?:,|$)/gi

export function parseExposition(text: string): Exposition {
  const lines = text.split('\n').filter((line) => line !== '')
  const types = new Map(lines.flatMap((line) => {
    const [, name, type] = /^# TYPE (\S+) (\w+)$/.exec(line) ?? []
    return name === undefined ? [] : [[name, type!] as const]
  }))
  return { types, samples: lines.filter((line) => !line.startsWith('#')).map(sampleOf) }
}

/** GET /metrics. */
export async function scrape(app: FastifyInstance): Promise<Exposition> {
  const response = await app.inject('/metrics')
  assert.equal(response.statusCode, 200)
  assert.match(String(response.headers['content-type']), /^text\/plain; version=0\.0\.4/)
  return parseExposition(response.body)
}

/** GET /metrics, once so many other requests have ended: an end is counted a turn after its reply. */
export async function scrapeAfter(app: FastifyInstance, requests: number): Promise<Exposition> {
  let ended = 0
  return until(async () => {
    const metrics = await scrape(app)
    ended = metrics.samples.filter(({ name, labels }) => name === 'switch_requests_total' && labels['route'] !== '/metrics').reduce((sum, { value }) => sum + value, 0)
    return ended === requests && metrics
  }, () => `${ended} requests have ended, not ${requests}`)
}

/** The value of the one sample with at least these labels; undefined where there is none. */
export function valueOf({ samples }: Exposition, name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samples.filter((sample) => sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value))
  assert.ok(found.length <= 1, `${name} ${JSON.stringify(labels)} fits ${found.length} samples`)
  return found[0]?.value
}

/** What tells Switch's own series apart: everything but the value. Those of the scrapes themselves are left out. */
export function seriesOf({ samples }: Exposition): string[] {
  return samples.filter(({ name, labels }) => name.startsWith('switch_') && labels['route'] !== '/metrics').map(({ name, labels }) => `${name} ${JSON.stringify(labels)}`).sort()
}

function sampleOf(line: string): Sample {
  const [, name, inner = '', value] = sampleForm.exec(line) ?? assert.fail(`no sample: ${line}`)
  assert.ok(value === 'Nan' || !Number.isNaN(Number(value)), `no number: ${line}`)
  return { name: name!, labels: Object.fromEntries([...inner.matchAll(labelForm)].map(([, label, text]) => [label!, text!])), value: Number(value) }
}
