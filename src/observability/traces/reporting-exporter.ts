// Says in the log when the collector cannot be reached, once until it can be again.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import type { Log } from '../log.ts'

type Result = Parameters<Parameters<SpanExporter['export']>[1]>[0]

export class ReportingExporter implements SpanExporter {
  readonly #exporter: SpanExporter
  readonly #url: string
  readonly #log: Log
  #isFailing = false

  constructor(exporter: SpanExporter, url: string, log: Log) {
    this.#exporter = exporter
    this.#url = url
    this.#log = log
  }

  export(spans: ReadableSpan[], done: (result: Result) => void): void {
    this.#exporter.export(spans, (result) => {
      this.#report(result.error)
      done(result)
    })
  }

  async shutdown(): Promise<void> {
    await this.#exporter.shutdown()
  }

  #report(error: Error | undefined): void {
    if (error && !this.#isFailing) this.#log.warn({ collector: this.#url, reason: error.message }, 'the collector does not take spans; they are dropped. Check OTEL_EXPORTER_OTLP_ENDPOINT')
    this.#isFailing = error !== undefined
  }
}
