// Who may use the GPU now.
import type { LlamaGpuType } from 'node-llama-cpp'

let last: Promise<unknown> = Promise.resolve()

/**
 * Vulkan crashes the process when two contexts of it evaluate at once, as two models in the server's own process would:
 * there all wait for one another. Elsewhere nobody does.
 */
export function createTurns(gpu: LlamaGpuType): <T>(work: () => Promise<T>) => Promise<T> {
  if (gpu !== 'vulkan') return (work) => work()
  return (work) => {
    const done = last.then(work)
    last = done.catch(() => undefined)
    return done
  }
}
