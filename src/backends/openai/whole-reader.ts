// A whole completion as JSON, from servers that do not stream.
import type { Answer } from './answer.ts'
import type { BodyReader } from './body-reader.ts'
import type { Failures } from './failures.ts'
import { parseWire } from './wire.ts'

const maxBytes = 8 * 1024 * 1024

export class WholeReader implements BodyReader {
  readonly patienceMs = undefined
  readonly #failures: Failures
  readonly #answer: Answer
  readonly #parts: Buffer[] = []
  #bytes = 0

  constructor(failures: Failures, answer: Answer) {
    this.#failures = failures
    this.#answer = answer
  }

  read(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#bytes > maxBytes) throw this.#failures.of('protocol', 'sent an answer without end.')
    this.#parts.push(bytes)
  }

  end(broken?: Error): void {
    if (broken) throw this.#failures.transport(broken, this.#bytes > 0)
    const completion = parseWire(Buffer.concat(this.#parts).toString())
    if (!completion) throw this.#failures.of('protocol', 'sent an answer that is no JSON object.')
    this.#answer.take(completion)
    if (!Array.isArray(completion['choices'])) throw this.#failures.of('protocol', 'sent JSON that is no completion. Check its base_url.')
    // Complete JSON cannot have been cut.
    this.#answer.assumeFinish('stop')
    this.#answer.complete()
  }
}
