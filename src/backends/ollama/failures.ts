// How failures of Ollama become BackendErrors. Texts that may hold paths of its machine go into the cause, for the log.
import { BackendError } from '../../inference/failure.ts'
import type { BackendErrorOptions, FailureReason } from '../../inference/failure.ts'
import { isNoEmbeddings, isOutOfMemory, isTooLong, said } from './said.ts'
import type { Said } from './said.ts'
import type { OllamaServer } from './server.ts'

/** An HTTP answer other than 200, its body read. */
export type Refusal = { readonly status: number, readonly body: string, readonly retryAfterSeconds?: number | undefined }

/** An answer with another status than 200. */
export function refusalFailure(server: OllamaServer, { status, body, retryAfterSeconds }: Refusal): BackendError {
  const words = said(body)
  const options = { status, retryAfterSeconds, cause: new Error(`HTTP ${status}: ${words.text.slice(0, 2000)}`) }
  if (isNoEmbeddings(words)) return noEmbeddings(server, options.cause)
  if (status >= 500) return serverFailure(server, words, options)
  const fail = (reason: FailureReason, message: string) => new BackendError(server.backend, reason, message, options)
  if (isTooLong(words)) return tooLongFailure(server, words, options)
  switch (status) {
    case 401: return fail('unauthorized', `Ollama at ${server.url} asks for an authorization that Switch does not have. Use a model that runs there locally.`)
    case 403: return fail('unauthorized', words.text === '' ? hostRefused(server) : `Ollama at ${server.url} forbids the request (HTTP 403): ${words.text.slice(0, 300)}.`)
    case 404: return fail('model_not_found', isOwnNotFound(words) ? notPulled(server) : `${server.url} has no such route of Ollama. Set the base URL to an Ollama server.`)
    case 408: case 499: return serverFailure(server, words, options)
    case 429: return fail('rate_limited', busy(server))
    default:
      if (status < 400) return fail('protocol', `${server.url} answers HTTP ${status}, which is no answer of Ollama. Set the base URL to the final address.`)
      return fail('rejected', `Ollama refuses the request: ${words.text.slice(0, 300) || `HTTP ${status}`}`)
  }
}

/** An error inside an answer of status 200. */
export function streamedFailure(server: OllamaServer, error: unknown, hasOutput: boolean): BackendError {
  const words = said(error)
  const options = { cause: new Error(words.text.slice(0, 2000)) }
  if (hasOutput) return new BackendError(server.backend, 'server_error', `Ollama failed in the middle of the answer of ${server.model}. Its log says why.`, options)
  return isTooLong(words) ? tooLongFailure(server, words, options) : serverFailure(server, words, options)
}

/** What Ollama cannot take, before it is asked. */
export function requestRefused({ backend, url }: OllamaServer, problem: string): BackendError {
  return new BackendError(backend, 'rejected', `Ollama at ${url} cannot take the request: ${problem}`)
}

/** What came is no answer of Ollama. */
export function protocolFailure({ backend, url }: OllamaServer, problem: string): BackendError {
  return new BackendError(backend, 'protocol', `${url} gave no valid answer of Ollama: ${problem}. Check the base URL and the version of Ollama.`)
}

/** What an operator does about a model that is not there. */
export function notPulled({ url, model }: OllamaServer): string {
  return `Ollama at ${url} does not have the model ${model}. Run \`ollama pull ${model}\` there.`
}

/** What an operator does about a model that Ollama hands on to another machine. */
export function answeredElsewhere({ url, model }: OllamaServer, remote: string): string {
  return `The model ${model} of Ollama at ${url} is answered by ${remote}, not there. Pull a local model and set that one, for example \`ollama pull hermes3:3b\`.`
}

function tooLongFailure({ backend, model }: OllamaServer, { promptTokens, contextLength }: Said, options: BackendErrorOptions): BackendError {
  const prompt = promptTokens === undefined ? 'The prompt' : `The prompt of ${promptTokens} tokens`
  const context = contextLength === undefined ? `the context of ${model}` : `the context of ${model}, ${contextLength} tokens`
  return new BackendError(backend, 'context_length_exceeded', `${prompt} is longer than ${context}. Shorten it.`, {
    ...options, facts: { ...(promptTokens !== undefined && { prompt_tokens: promptTokens }), ...(contextLength !== undefined && { context_length: contextLength }) }
  })
}

function noEmbeddings({ backend, url, model }: OllamaServer, cause: Error): BackendError {
  return new BackendError(backend, 'rejected', `The model ${model} of Ollama at ${url} makes no embeddings. Set embedding_model to one that does, for example nomic-embed-text.`, { cause })
}

function serverFailure(server: OllamaServer, words: Said, options: BackendErrorOptions): BackendError {
  const { backend, model, url } = server
  if (isOutOfMemory(words)) return new BackendError(backend, 'out_of_memory', `${model} does not fit into the memory of Ollama at ${url}. Use a smaller model or a shorter context.`, options)
  if (options.status === 503 && /busy|maximum pending/i.test(words.text)) return new BackendError(backend, 'rate_limited', busy(server), options)
  const status = options.status === undefined ? '' : ` (HTTP ${options.status})`
  return new BackendError(backend, 'server_error', `Ollama at ${url} failed on ${model}${status}. Its log says why.`, options)
}

/** An unknown route of Ollama, or of something else, says nothing of a model. */
function isOwnNotFound({ text }: Said): boolean {
  return /model|not found, try pulling/i.test(text)
}

/** Ollama on a loopback address answers an unknown host name with nothing but the status. */
function hostRefused({ url }: OllamaServer): string {
  return `Ollama at ${url} refuses Switch (HTTP 403). Set OLLAMA_HOST=0.0.0.0 where it runs, so that it accepts other host names than its own.`
}

function busy({ url }: OllamaServer): string {
  return `Ollama at ${url} is busy: its queue is full. Send the request again in a moment.`
}
