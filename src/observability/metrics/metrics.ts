// The metrics of one service: an observer that measures its requests, and everything in Prometheus' text format.
import { Registry } from 'prom-client'
import type { Observer } from '../../inference/observer.ts'
import type { GatedBackend } from '../../inference/target.ts'
import { addBackendGauges } from './backend-gauges.ts'
import { createInstruments } from './instruments.ts'
import { processMetrics } from './process-metrics.ts'
import { RequestMetrics } from './request-metrics.ts'
import type { Gauging } from './request-metrics.ts'
import { addServiceGauges } from './service-gauges.ts'
import type { Service, ServiceFacts } from './service-gauges.ts'
import { TokenGaps } from './token-gaps.ts'

export type Metrics = {
  readonly observer: Observer
  /** Content-Type of `text`. */
  readonly contentType: string
  /** Everything, as of now. */
  text(): Promise<string>
}

/** @param service read anew at each scrape: a reload exchanges its backends */
export function createMetrics(service: Service, facts: ServiceFacts): Metrics {
  const registry = new Registry()
  const gaps = new TokenGaps()
  const find = (name: string) => service.backends.find(({ backend }) => backend.name === name)?.backend
  const gauging: Gauging = {
    instruments: createInstruments(registry),
    gaps,
    kindOf: (backend) => find(backend)?.kind,
    modelLabel: (backend, model) => modelLabel(find(backend), model)
  }
  addBackendGauges(registry, service)
  addServiceGauges(registry, service, facts)
  const all = Registry.merge([registry, processMetrics()])
  return {
    observer: { requestBegan: (request) => new RequestMetrics(gauging, request) },
    contentType: all.contentType,
    text: async () => `${await all.metrics()}\n${gaps.text()}`
  }
}

/** A backend that takes any model, and vectors, are answered under names that the configuration does not know. */
function modelLabel(backend: GatedBackend['backend'] | undefined, model: string): string {
  return backend?.state().model === model && model !== '*' ? model : 'other'
}
