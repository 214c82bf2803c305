// Switch in front of an upstream, with its metrics (on) or with an observer that does nothing (off). A process of its own.
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { buildApp } from '../../src/app.ts'
import { createRegistry } from '../../src/backends/registry.ts'
import { specsOf } from '../../src/config/configuration.ts'
import { loadConfig } from '../../src/config/load.ts'
import type { Metrics } from '../../src/observability/metrics/metrics.ts'
import { Untraced } from '../../src/observability/traces/untraced.ts'

const [upstream, mode] = process.argv.slice(2) as [string, 'on' | 'off']
const none: Metrics = { observer: { requestBegan: ({ trace }) => new Untraced(trace) }, contentType: 'text/plain', text: async () => '' }

const config = loadConfig({ OPENAI_API_KEY: 'x', OPENAI_BASE_URL: upstream, HERMES_ENABLE: 'false', LOG_LEVEL: 'silent' })
const logger = pino({ level: 'silent' })
const registry = await createRegistry({ config, specs: specsOf(config), log: logger })
const app = await buildApp({ config, registry, logger, version: '0.0.0', closing: new AbortController().signal, ...(mode === 'off' && { metrics: none }) })
await app.listen({ host: '127.0.0.1', port: 0 })
process.once('disconnect', () => process.exit())
process.send!({ url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` })
