// What a server of type openai can do where its entry does not say: known of two hosts, the usual of all others.
import type { Capabilities } from '../backends/backend.ts'

type Abilities = Pick<Capabilities, 'vision' | 'logprobs' | 'rawPrompt'>

/** @param baseUrl an http or https address */
export function abilitiesAt(baseUrl: string): Abilities {
  switch (new URL(baseUrl).hostname) {
    // Its current models see pictures, and none of them is served at /completions.
    case 'api.openai.com': return { vision: true, logprobs: true, rawPrompt: false }
    case 'api.deepseek.com': return { vision: false, logprobs: true, rawPrompt: false }
    default: return { vision: false, logprobs: true, rawPrompt: true }
  }
}
