// The way of finished spans to the collector: in batches, bounded, and never in the way of a request.
import { setTimeout as sleep } from 'node:timers/promises'
import type { Tracer } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Log } from '../log.ts'
import { headersOf } from './otlp-headers.ts'
import { ReportingExporter } from './reporting-exporter.ts'

export type ProviderOptions = {
  /** Of all signals: /v1/traces is added. */
  readonly endpoint: string
  /** name=value pairs, comma separated. */
  readonly headers: string
  readonly serviceName: string
  readonly version: string
  readonly log: Log
}

/** Longest wait for the collector: of one export, and at the end for all of them. */
const exportMs = 5000
const closeMs = 2000

export function startProvider({ endpoint, headers, serviceName, version, log }: ProviderOptions): { tracer: Tracer, close(): Promise<void> } {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = new ReportingExporter(new OTLPTraceExporter({ url, headers: headersOf(headers), timeoutMillis: exportMs }), url, log)
  const provider = new TracerProvider({
    resource: defaultResource().merge(resourceFromAttributes({ 'service.name': serviceName, 'service.version': version })),
    // What does not fit into its queue of 2048 spans is dropped.
    spanProcessors: [new BatchSpanProcessor({ exporter, exportTimeoutMillis: exportMs, scheduledDelayMillis: 1000 })]
  })
  const close = async () => {
    const closed = provider.shutdown().catch((error: unknown) => log.debug({ err: error }, 'the last spans did not reach the collector'))
    await Promise.race([closed, sleep(closeMs)])
  }
  let closing: Promise<void> | undefined
  return { tracer: provider.getTracer('switch', version), close: () => closing ??= close() }
}
