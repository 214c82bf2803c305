// The groups of operations, in the order in which a reader meets them.
import type { TagName } from './operation.ts'

export const tags: readonly { readonly name: TagName, readonly description: string }[] = [
  { name: 'Inference', description: 'Ask a model, and get a receipt of who was tried.' },
  { name: 'OpenAI', description: 'The wire format of OpenAI: its clients work unchanged.' },
  { name: 'Health', description: 'What is known of the service and its backends, at no cost.' },
  { name: 'Models', description: 'The models on disk and in memory.' },
  { name: 'VX11', description: 'The calls that other services of VX11 make.' },
  { name: 'About', description: 'This document and its viewer.' }
]
