// What is wrong with a configuration, wherever it came from: the environment, .env or the YAML file.

/** One wrong value: its name (of a variable, or a path such as backends.vllm.model), what it takes and what it got. */
export type ConfigProblem = { name: string, expected: string, received: string }

/** The configuration is wrong. The message lists every problem; nothing was started or changed. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const lines = problems.map(({ name, expected, received }) => `  ${name}: expected ${expected}, received ${received}`)
    super(`The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${lines.join('\n')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** The problems that `read` throws, or what it returns. */
export async function orProblems<T>(read: () => T | Promise<T>): Promise<{ value: T, problems: [] } | { value: undefined, problems: readonly ConfigProblem[] }> {
  try {
    return { value: await read(), problems: [] }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return { value: undefined, problems: error.problems }
  }
}

/** A text as an error message shows it; what stands before the @ of an address is hidden. */
export function quoteText(text: string): string {
  return JSON.stringify(text).replace(/\/\/[^/@]*@/, '//(hidden)@')
}
