// POST /v1/completions: goes on from a text without a chat template.
import type { FastifyInstance } from 'fastify'
import { startInference } from '../../inference/inference.ts'
import { replyWithInference } from '../inference-reply.ts'
import type { InferenceRouteOptions } from '../inference-reply.ts'
import { CompletionForm } from './completion-form.ts'
import { completionBodySchema, toInferenceRequest } from './completions-schema.ts'
import type { CompletionBody } from './completions-schema.ts'
import { requestOptions } from './request-options.ts'

export async function completionsRoute(app: FastifyInstance, options: InferenceRouteOptions): Promise<void> {
  app.post<{ Body: CompletionBody }>('/v1/completions', { schema: { body: completionBodySchema } }, async (request, reply) => {
    const { body } = request
    const inference = startInference(options.service, toInferenceRequest(body), requestOptions(request, body, options.defaultTimeoutSeconds))
    return replyWithInference(request, reply, options, {
      inference,
      prompt: body.prompt,
      isStream: body.stream ?? false,
      form: new CompletionForm(inference, body.stream_options?.include_usage ?? false)
    })
  })
}
