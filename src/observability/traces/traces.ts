// Traces over OTLP, where a collector is configured: the one file that is loaded where none is.
import type { Config } from '../../config/schema.ts'
import type { Observer } from '../../inference/observer.ts'
import type { GatedBackend } from '../../inference/target.ts'
import type { Log } from '../log.ts'

export type Traces = {
  readonly observer: Observer
  /** Sends what is left and stops. Takes two seconds at most, whether the collector answers or not. */
  close(): Promise<void>
}

export type TracesOptions = {
  readonly config: Pick<Config, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_EXPORTER_OTLP_HEADERS' | 'OTEL_SERVICE_NAME' | 'SWITCH_TRACE_CONTENT'>
  /** Read anew for each attempt: a reload exchanges its backends. */
  readonly registry: { readonly backends: readonly GatedBackend[] }
  readonly version: string
  readonly log: Log
}

/** Undefined, and no library loaded, where OTEL_EXPORTER_OTLP_ENDPOINT is not set. */
export async function startTraces({ config, registry, version, log }: TracesOptions): Promise<Traces | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_EXPORTER_OTLP_HEADERS: headers = '', OTEL_SERVICE_NAME: serviceName, SWITCH_TRACE_CONTENT: hasContent } = config
  if (endpoint === undefined) return undefined
  const [{ startProvider }, { TraceObserver }] = await Promise.all([import('./provider.ts'), import('./trace-observer.ts')])
  const provider = startProvider({ endpoint, headers, serviceName, version, log })
  const providerOf = (name: string) => providerName(name, registry.backends.find(({ backend }) => backend.name === name))
  return { observer: new TraceObserver({ tracer: provider.tracer, providerOf, hasContent }), close: () => provider.close() }
}

/** Who makes the answers of a backend: for a remote one its own name, which is that of a vendor where there is one. */
function providerName(name: string, target: GatedBackend | undefined): string {
  switch (target?.backend.kind) {
    case 'llama-cpp': return 'llama.cpp'
    case 'ollama': return 'ollama'
    default: return name
  }
}
