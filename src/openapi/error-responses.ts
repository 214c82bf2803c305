// The error replies of an operation, one for each status, from the codes that it may answer with.
import { z } from 'zod'
import type { ZodOpenApiResponseObject } from 'zod-openapi'
import { openAiStatus } from '../http/openai-error.ts'
import { SwitchError, errorStatus } from '../inference/errors.ts'
import type { ErrorCode } from '../inference/errors.ts'
import { errorMeanings } from './error-meanings.ts'
import { requestIdHeader, retryAfterHeader } from './headers.ts'
import { errorSchema, openAiErrorSchema } from './schemas/error.ts'

/** What any request may meet, whatever it asks. */
const everywhere: readonly ErrorCode[] = ['SWITCH_HTTP_REQUEST_TIMEOUT', 'SWITCH_HTTP_HEADERS_TOO_LARGE', 'SWITCH_INTERNAL_ERROR']
const withBody: readonly ErrorCode[] = ['SWITCH_REQUEST_INVALID', 'SWITCH_BODY_TOO_LARGE', 'SWITCH_BODY_NOT_JSON']

export type ErrorTraits = { readonly isPublic: boolean, readonly takesBody: boolean, readonly isOpenAiForm: boolean }

/** @param own codes of this operation alone */
export function errorResponses(own: readonly ErrorCode[], { isPublic, takesBody, isOpenAiForm }: ErrorTraits): Record<string, ZodOpenApiResponseObject> {
  const codes = new Set<ErrorCode>([...own, ...isPublic ? [] : ['SWITCH_AUTH_REQUIRED'] as const, ...takesBody ? withBody : [], ...everywhere])
  const byStatus = Object.groupBy(codes, (code) => statusOf(code, isOpenAiForm))
  return Object.fromEntries(Object.entries(byStatus).map(([status, group]) => [status, errorResponse(Number(status), group!, isOpenAiForm)]))
}

function statusOf(code: ErrorCode, isOpenAiForm: boolean): number {
  return isOpenAiForm ? openAiStatus(new SwitchError(code, '')) : errorStatus[code]
}

function errorResponse(status: number, codes: readonly ErrorCode[], isOpenAiForm: boolean): ZodOpenApiResponseObject {
  const canWait = status === 429 || status === 503
  return {
    description: codes.map((code) => `\`${code}\`: ${errorMeanings[code]}.`).join('\n\n'),
    headers: { ...requestIdHeader, ...(canWait && retryAfterHeader) },
    content: { 'application/json': { schema: isOpenAiForm ? openAiErrorOf(codes) : errorOf(codes) } }
  }
}

function errorOf(codes: readonly ErrorCode[]): z.ZodType {
  return z.intersection(errorSchema, z.object({ code: z.enum(codes) }))
}

function openAiErrorOf(codes: readonly ErrorCode[]): z.ZodType {
  return z.intersection(openAiErrorSchema, z.object({ error: z.object({ switch_code: z.enum(codes) }) }))
}
