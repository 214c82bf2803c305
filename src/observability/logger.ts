// The logger: pretty on a terminal, one JSON object a line elsewhere.
import { pino } from 'pino'
import type { Logger } from 'pino'
import type { Config } from '../config/schema.ts'

/** Headers and fields that must never be in a log, should an error or a request object ever carry them. */
const secrets = ['headers.authorization', 'headers["x-vx11-token"]', '*.headers.authorization', '*.headers["x-vx11-token"]', 'api_key', '*.api_key']

/** Logs to standard output. */
export async function createLogger({ LOG_LEVEL }: Pick<Config, 'LOG_LEVEL'>): Promise<Logger> {
  const options = { level: LOG_LEVEL.toLowerCase(), base: null, redact: secrets, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: (label: string) => ({ level: label }) } }
  if (!process.stdout.isTTY) return pino(options)
  const { default: pretty } = await import('pino-pretty')
  return pino(options, pretty({ sync: true, translateTime: 'SYS:HH:MM:ss', ignore: 'reqId', singleLine: true }))
}
