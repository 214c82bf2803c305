// Server-Sent Events: bytes to chunks of the answer.
import { StringDecoder } from 'node:string_decoder'
import { createParser } from 'eventsource-parser'
import type { EventSourceMessage } from 'eventsource-parser'
import type { Answer } from './answer.ts'
import type { BodyReader } from './body-reader.ts'
import type { Failures } from './failures.ts'
import { errorOfEvent } from './provider-error.ts'
import { parseWire } from './wire.ts'

const maxEventCharacters = 1024 * 1024

/** The usage follows the finish at once, if it follows at all. */
const usagePatienceMs = 250

export class StreamReader implements BodyReader {
  readonly #failures: Failures
  readonly #answer: Answer
  readonly #decoder = new StringDecoder('utf8')
  readonly #parser = createParser({
    onEvent: (message) => this.#takeEvent(message),
    onError: (error) => { if (error.type === 'max-buffer-size-exceeded') throw this.#failures.of('protocol', 'sent an event without end.') },
    maxBufferSize: maxEventCharacters
  })
  #hasBytes = false
  #isDone = false

  constructor(failures: Failures, answer: Answer) {
    this.#failures = failures
    this.#answer = answer
  }

  get patienceMs(): number | undefined {
    if (this.#isDone || this.#answer.isWhole) return 0
    return this.#answer.isFinished ? usagePatienceMs : undefined
  }

  read(bytes: Buffer): void {
    this.#hasBytes = true
    this.#parser.feed(this.#decoder.write(bytes))
  }

  end(broken?: Error): void {
    // The last event may lack its empty line.
    if (!this.#isDone) this.#parser.feed('\n\n')
    if (broken && !this.#answer.isFinished) throw this.#failures.transport(broken, this.#hasBytes)
    this.#answer.complete()
  }

  /** An event that cannot be read is skipped: the ones around it are the answer. */
  #takeEvent({ event, data }: EventSourceMessage): void {
    if (data.startsWith('[DONE]')) {
      this.#isDone = true
      // Some hosts leave the finish reason out after function calls.
      if (this.#answer.hasToolCalls) this.#answer.assumeFinish('tool_calls')
      return
    }
    if (event === 'error') throw this.#failures.provider(errorOfEvent(data))
    const chunk = parseWire(data)
    if (chunk) this.#answer.take(chunk)
  }
}
