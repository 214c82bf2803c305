// Decodes the next token while the last one is made into text and sent.

/**
 * The same tokens; each is asked for before its predecessor is handed on, when `mayGoOn` says so. A reader who leaves
 * waits for the one that was asked for: the sequence is at rest then.
 */
export async function* lookAhead<Token>(tokens: AsyncGenerator<Token, void>, mayGoOn: () => boolean): AsyncGenerator<Token, void> {
  let next = tokens.next()
  try {
    for (;;) {
      const { done, value } = await next
      if (done) return
      const isAhead = mayGoOn()
      if (isAhead) next = ask(tokens)
      yield value
      if (!isAhead) next = ask(tokens)
    }
  } finally {
    await tokens.return()
  }
}

/** What is asked for in vain may fail unheard. */
function ask<Token>(tokens: AsyncGenerator<Token, void>): Promise<IteratorResult<Token, void>> {
  const next = tokens.next()
  next.catch(() => undefined)
  return next
}
