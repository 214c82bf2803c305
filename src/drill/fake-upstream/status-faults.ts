// Faults that are an error status with its body.
import { errorBody } from './chunks.ts'
import type { FaultEntry } from './fault.ts'

type StatusFault = readonly [status: number, description: string, message: string, type: string, code?: string]

function statusFault([status, description, message, type, code]: StatusFault, everywhere: boolean): FaultEntry {
  return { description, everywhere, reply: (reply) => reply.json(status, errorBody(message, type, code ?? null), { 'x-request-id': 'req_fake' }) }
}

const limited = errorBody('Rate limit reached for requests. Please slow down.', 'requests', 'rate_limit_exceeded')

/** Of the server: whatever is asked. */
const ofServer = {
  'status-500': [500, 'answers 500', 'The server had an error while processing your request.', 'server_error'],
  'status-502': [502, 'answers 502', 'Bad gateway.', 'server_error'],
  'status-503': [503, 'answers 503', 'The engine is currently overloaded, please try again later.', 'service_unavailable_error', 'server_is_overloaded'],
  'status-504': [504, 'answers 504', 'Gateway timeout.', 'server_error'],
  'status-529': [529, 'answers 529, overloaded', 'Overloaded.', 'overloaded_error'],
  'unauthorized': [401, 'answers 401: the key is wrong', 'Incorrect API key provided: sk-fake*****1234.', 'invalid_request_error', 'invalid_api_key'],
  'payment-required': [402, 'answers 402: no balance', 'Insufficient Balance', 'unknown_error', 'invalid_request_error'],
  'forbidden': [403, 'answers 403', 'Country, region, or territory not supported.', 'request_forbidden', 'unsupported_country_region_territory']
} satisfies Record<string, StatusFault>

/** Of one request. */
const ofRequest = {
  'model-not-found': [404, 'answers 404: no such model', 'The model does not exist or you do not have access to it.', 'invalid_request_error', 'model_not_found'],
  'request-timeout': [408, 'answers 408', 'Request timeout.', 'server_error'],
  'insufficient-quota': [429, 'answers 429 that no waiting mends: the quota is used up', 'You exceeded your current quota, please check your plan and billing details.', 'insufficient_quota', 'insufficient_quota'],
  'context-length-exceeded': [400, 'answers 400: the prompt is longer than the context', 'This model\'s maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens. Please reduce the length of the messages.', 'invalid_request_error', 'context_length_exceeded'],
  'content-filter': [400, 'answers 400: its content filter refuses the prompt', 'The response was filtered due to the prompt triggering the content management policy.', 'invalid_request_error', 'content_filter'],
  'bad-request': [400, 'answers 400: a field is wrong', 'Invalid value for \'temperature\': it must be at most 2.', 'invalid_request_error', 'invalid_value'],
  'unprocessable': [422, 'answers 422', 'The request could not be processed.', 'invalid_request_error']
} satisfies Record<string, StatusFault>

function entries<Name extends string>(table: Record<Name, StatusFault>, everywhere: boolean): Record<Name, FaultEntry> {
  return Object.fromEntries(Object.entries<StatusFault>(table).map(([name, fault]) => [name, statusFault(fault, everywhere)])) as Record<Name, FaultEntry>
}

export const statusFaults = {
  ...entries(ofServer, true),
  ...entries(ofRequest, false),
  'rate-limited': { description: 'answers 429 without Retry-After', reply: (reply) => reply.json(429, limited) },
  'rate-limited-retry-after': { description: 'answers 429 with Retry-After', reply: (reply) => reply.json(429, limited, { 'retry-after': String(reply.retryAfterSeconds) }) }
} satisfies Record<string, FaultEntry>
