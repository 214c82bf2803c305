// Decodes the next token while the last one is made into text and sent.
import type { Intermission } from '../batching/intermission.ts'

/**
 * The same tokens; each is asked for before its predecessor is handed on, when `mayGoOn` says so. A reader who leaves
 * waits for the one that was asked for: the sequence is at rest then.
 */
export async function* lookAhead<Token>(tokens: AsyncGenerator<Token, void>, intermission: Intermission, mayGoOn: () => boolean): AsyncGenerator<Token, void> {
  let next = ask(tokens, intermission)
  try {
    for (;;) {
      const { done, value } = await next
      if (done) return
      const isAhead = mayGoOn()
      if (isAhead) next = ask(tokens, intermission)
      yield value
      if (!isAhead) next = ask(tokens, intermission)
    }
  } finally {
    await next.catch(() => undefined)
    await tokens.return()
  }
}

/** What is asked for in vain may fail unheard. */
function ask<Token>(tokens: AsyncGenerator<Token, void>, { over }: Intermission): Promise<IteratorResult<Token, void>> {
  const next = over === undefined ? tokens.next() : over.then(() => tokens.next())
  next.catch(() => undefined)
  return next
}
