// Failures on the way to Ollama, in undici's words and in ours.
import { BackendError } from '../../inference/failure.ts'
import type { OllamaServer } from './server.ts'

/** No answer came at all. */
export function connectionFailure(server: OllamaServer, error: unknown): BackendError {
  const code = codeOf(error)
  const { backend, url } = server
  if (isMalformed(error)) return malformed(server, error)
  if (isNetworkDown(code, server)) return new BackendError(backend, 'network_down', `There is no network to reach Ollama at ${url} (${code}).`, { cause: error })
  return new BackendError(backend, 'connection', `Ollama is not reachable at ${url}${code && ` (${code})`}. Start it with \`ollama serve\`, or set OLLAMA_BASE_URL or base_url to where it runs.`, { cause: error })
}

/** The connection broke while the answer came. */
export function brokenOff(server: OllamaServer, error: unknown): BackendError {
  if (isMalformed(error)) return malformed(server, error)
  return new BackendError(server.backend, 'stream_cut', `The connection to Ollama at ${server.url} broke in the middle of the answer.`, { cause: error })
}

function malformed({ backend, url }: OllamaServer, error: unknown): BackendError {
  return new BackendError(backend, 'protocol', `${url} does not speak HTTP as Ollama does. Check the base URL.`, { cause: error })
}

/** Not every error of undici's parser has a code, and one of them only says that the answer broke off. */
function isMalformed(error: unknown): boolean {
  const code = codeOf(error)
  if (code === 'HPE_INVALID_EOF_STATE') return false
  return (error as { name?: unknown } | null)?.name === 'HTTPParserError' || code === 'UND_ERR_HEADERS_OVERFLOW' || code === 'EPROTO'
}

/** A name that only the local network knows (a stopped service of a compose file) says nothing about the world. */
function isNetworkDown(code: string, { isLocal }: OllamaServer): boolean {
  return code === 'ENETUNREACH' || code === 'ENETDOWN' || (code === 'EAI_AGAIN' && !isLocal)
}

function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code
  return typeof code === 'string' ? code : ''
}
