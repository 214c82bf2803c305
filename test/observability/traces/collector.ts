// A collector as tests use it: a real OTLP receiver over HTTP that keeps the spans it was sent.
import { createServer } from 'node:http'
import type { IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { TestContext } from 'node:test'

type Value = { stringValue?: string, boolValue?: boolean, intValue?: number | string, doubleValue?: number, arrayValue?: { values: Value[] } }
type KeyValue = { key: string, value: Value }
type WireSpan = { traceId: string, spanId: string, parentSpanId?: string, name: string, kind: number, attributes: KeyValue[], events: { name: string, attributes: KeyValue[] }[], status: { code?: number } }
type Export = { resourceSpans: { resource: { attributes: KeyValue[] }, scopeSpans: { spans: WireSpan[] }[] }[] }

export type ReceivedSpan = Omit<WireSpan, 'attributes' | 'events'> & { readonly service: unknown, readonly attributes: Record<string, unknown>, readonly events: { name: string, attributes: Record<string, unknown> }[] }

export type Collector = {
  /** For OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  /** In the order of their arrival. */
  readonly spans: readonly ReceivedSpan[]
  /** Of each export. */
  readonly headers: readonly IncomingHttpHeaders[]
}

export async function startCollector(t: TestContext): Promise<Collector> {
  const spans: ReceivedSpan[] = []
  const headers: IncomingHttpHeaders[] = []
  const server = createServer(async (request, response) => {
    if (request.url !== '/v1/traces' || request.headers['content-type'] !== 'application/json') return void response.writeHead(404).end()
    headers.push(request.headers)
    spans.push(...spansOf(await json(request) as Export))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve) })
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, spans, headers }
}

function spansOf({ resourceSpans }: Export): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = plain(resource.attributes)['service.name']
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({
      ...span, service, attributes: plain(span.attributes), events: span.events.map(({ name, attributes }) => ({ name, attributes: plain(attributes) }))
    })))
  })
}

function plain(attributes: readonly KeyValue[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, plainValue(value)]))
}

function plainValue({ stringValue, boolValue, intValue, doubleValue, arrayValue }: Value): unknown {
  return stringValue ?? boolValue ?? doubleValue ?? arrayValue?.values.map(plainValue) ?? (intValue === undefined ? undefined : Number(intValue))
}
