// Builds the HTTP service: every plugin and route, in the order a request meets them. It does not listen.
import fastifyEnv from '@fastify/env'
import Fastify, { LogController } from 'fastify'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import type { Registry } from './backends/registry.ts'
import { acceptedTokens } from './config/load.ts'
import { configJsonSchema } from './config/schema.ts'
import type { Config } from './config/schema.ts'
import { addAuth } from './http/auth.ts'
import { addRequestContext } from './http/context.ts'
import { addErrorRendering, answerBadUrl, answerBrokenRequest } from './http/error-rendering.ts'
import { addJsonBody } from './http/json-body.ts'
import { requestId } from './http/request-id.ts'
import { addValidation } from './http/validation.ts'
import { systemClock } from './inference/clock.ts'
import type { InferenceService } from './inference/inference.ts'
import type { Observer } from './inference/observer.ts'
import { createPuller } from './models/download/create-puller.ts'
import { Downloads } from './models/download/downloads.ts'
import { memoryLimit } from './models/memory-limit.ts'
import { bothObservers } from './observability/both-observers.ts'
import { createMetrics } from './observability/metrics/metrics.ts'
import type { Metrics } from './observability/metrics/metrics.ts'
import { RecentRequests } from './observability/recent-requests.ts'
import { observeRequests } from './observability/request-observation.ts'
import { documentRoute } from './openapi/document-route.ts'
import { collectRoutes } from './openapi/registered-routes.ts'
import { viewerRoute } from './openapi/viewer-route.ts'
import { eventsPath, eventsRoute } from './routes/events.ts'
import { healthRoute } from './routes/health.ts'
import { inferRoute } from './routes/infer.ts'
import type { InferenceRouteOptions } from './routes/inference-reply.ts'
import { metricsRoute } from './routes/metrics.ts'
import { modelListRoute } from './routes/models/list.ts'
import { modelLoadRoute } from './routes/models/load.ts'
import { pullRoute } from './routes/models/pull.ts'
import { modelUnloadRoute } from './routes/models/unload.ts'
import { pageRoute } from './routes/page.ts'
import { chatCompletionsRoute } from './routes/v1/chat-completions.ts'
import { completionsRoute } from './routes/v1/completions.ts'
import { embeddingsRoute } from './routes/v1/embeddings.ts'
import { modelsRoute } from './routes/v1/models.ts'
import { responsesRoute } from './routes/v1/responses.ts'
import { vx11Routes } from './routes/vx11/vx11.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The frozen configuration, as @fastify/env puts it there. */
    config: Config
  }
}

export type AppOptions = {
  config: Config
  registry: Registry
  logger: FastifyBaseLogger
  version: string
  /** Aborts with ShuttingDown when running requests must end. */
  closing: AbortSignal
  /** Things that work less well than they could, for health. */
  warnings?: readonly string[]
  /** By default those of this registry. */
  metrics?: Metrics
  /** Is told of every request, beside the metrics. */
  traces?: Observer | undefined
}

const bodyLimitBytes = 1024 * 1024

/** The service, ready to listen or to be injected into. Closing it does not close the registry. */
export async function buildApp(options: AppOptions): Promise<FastifyInstance> {
  const { config, registry, logger, version, closing, warnings = [], traces } = options
  const { mb: memoryLimitMb } = memoryLimit(config.HERMES_MAX_MEMORY_MB)
  const { metrics = createMetrics(registry, { version, memoryLimitBytes: memoryLimitMb * 1e6 }) } = options
  const app = Fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestId,
    bodyLimit: bodyLimitBytes,
    requestTimeout: 30_000,
    connectionTimeout: 0,
    // Longer than the usual idle time of proxies, so that it is they who close.
    keepAliveTimeout: 75_000,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: answerBadUrl,
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket, logger),
    // Node looks for requests that take too long only every 30 s by itself.
    http: { connectionsCheckingInterval: 5000 }
  })
  await app.register(fastifyEnv, { schema: configJsonSchema(), data: config, env: false })
  Object.freeze(app.config)
  app.server.on('request', ({ url }, response) => {
    // A page that watches uses no backend, and stays for hours.
    if (url?.split('?')[0] !== eventsPath) response.once('close', registry.hold())
  })
  addRequestContext(app)
  const requests = new RecentRequests({ keepsTexts: config.LOG_PROMPTS })
  const measuring = bothObservers(requests.observer, metrics.observer)
  observeRequests(app, traces ? bothObservers(measuring, traces) : measuring)
  addErrorRendering(app)
  addAuth(app, acceptedTokens(config))
  addJsonBody(app)
  addValidation(app)

  // The registry's own getters, so that each request sees the backends and routes of its time.
  const service: InferenceService = {
    get routes() { return registry.routes },
    get backends() { return registry.backends },
    clock: systemClock,
    closing
  }
  const routes = collectRoutes(app)
  await app.register(healthRoute, { registry, version, defaultTimeoutSeconds: config.HERMES_TIMEOUT, warnings })
  await app.register(metricsRoute, { metrics })
  const inference: InferenceRouteOptions = { service, defaultTimeoutSeconds: config.HERMES_TIMEOUT, logsPrompts: config.LOG_PROMPTS, logsTimes: config.LOG_INFERENCE_TIME }
  await app.register(inferRoute, inference)
  await app.register(chatCompletionsRoute, inference)
  await app.register(completionsRoute, inference)
  await app.register(embeddingsRoute, inference)
  await app.register(responsesRoute, inference)
  await app.register(modelsRoute, { registry })
  const downloads = new Downloads(createPuller(config, logger), logger)
  app.addHook('preClose', () => downloads.close())
  await app.register(pullRoute, { downloads })
  const models = { registry, downloads, folder: config.HERMES_MODEL_DIR }
  await app.register(modelListRoute, models)
  await app.register(modelLoadRoute, models)
  await app.register(modelUnloadRoute, models)
  await app.register(vx11Routes, { ...inference, registry })
  await app.register(eventsRoute, { registry, downloads, requests, version, memoryLimitMb, defaultTimeoutSeconds: config.HERMES_TIMEOUT, warnings })
  await app.register(pageRoute)
  await app.register(documentRoute, { routes, version })
  await app.register(viewerRoute)
  return app
}
