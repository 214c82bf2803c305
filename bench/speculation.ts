// npm run bench:speculation [MODEL.gguf]: how much faster an answer is with tokens guessed from the prompt, where it copies and where it does not.
import { statSync } from 'node:fs'
import { LlamaCppBackend } from '../src/backends/llama-cpp/backend.ts'
import { startEngineProcess } from '../src/backends/llama-cpp/engine-process.ts'
import { defaultPatience } from '../src/backends/llama-cpp/supervision/engine-watch.ts'
import { engineThreads } from '../src/backends/llama-cpp/threads.ts'
import { loadConfig } from '../src/config/load.ts'
import { engineOptions } from '../src/config/engine-options.ts'
import { systemClock } from '../src/inference/clock.ts'
import { embeddedModelPath, readCatalogue } from '../src/models/catalogue.ts'
import { checkGguf } from '../src/models/gguf.ts'
import { silentLog } from './support/silent-log.ts'
import { median } from './support/statistics.ts'
import { expectAtLeast, judge } from './support/targets.ts'

/** Two processes of the same engine differ by a few percent all their life: each pair is started anew. */
const pairs = 5
const rounds = 9
const leastRatio = 0.97
const tasks = {
  'repeats a sentence': 'Repeat after me: "The red house and the blue house stand near the red tree and the blue tree, and the red house is old."',
  'copies JSON': 'Repeat after me: "[{\\"name\\": \\"Ana\\", \\"age\\": 3}, {\\"name\\": \\"Ben\\", \\"age\\": 4}, {\\"name\\": \\"Cid\\", \\"age\\": 5}]"',
  'counts': 'Count from 1 to 60.',
  'tells a story': 'Tell me a story about a dragon.'
}

const path = process.argv[2] ?? embeddedModelPath(readCatalogue())
console.log(`${path.split('/').at(-1)}, one caller, ${pairs} pairs of engines with ${rounds} rounds in turns each, Node ${process.versions.node}; time without guesses / time with`)
const ratios = new Map<string, number[]>(Object.keys(tasks).map((task) => [task, []]))
const changed = new Set<string>()
for (let pair = 0; pair < pairs; pair++) await comparePair()
for (const [task, found] of ratios) {
  expectAtLeast(task, median(found), leastRatio, ' times')
  judge(!changed.has(task), `${task}: the same text`)
}

async function comparePair(): Promise<void> {
  const backends = [true, false].map(start) as [LlamaCppBackend, LlamaCppBackend]
  for (const [task, prompt] of Object.entries(tasks)) await compare(backends, task, prompt)
  await Promise.all(backends.map((backend) => backend.close()))
}

function start(isSpeculative: boolean): LlamaCppBackend {
  const options = engineOptions(loadConfig({ HERMES_PROMPT_CACHE_MB: '0', HERMES_SPECULATION: String(isSpeculative) }))
  return LlamaCppBackend.of({
    backend: 'hermes', model: 'bench', start: startEngineProcess, checkModel: () => checkGguf(path), patience: defaultPatience, clock: systemClock, log: silentLog,
    settings: { ...options, threads: engineThreads(statSync(path).size), modelPath: path, contextLength: 2048, slots: 1, maxTokens: 300, temperature: 0 }
  })
}

async function compare([guessing, plain]: [LlamaCppBackend, LlamaCppBackend], task: string, prompt: string): Promise<void> {
  for (let round = -1; round < rounds; round++) {
    const answers = round % 2 === 0 ? [await ask(guessing, prompt), await ask(plain, prompt)] : [await ask(plain, prompt), await ask(guessing, prompt)].toReversed()
    if (answers[0]!.text !== answers[1]!.text) changed.add(task)
    // The first round warms both up.
    if (round >= 0) ratios.get(task)!.push(answers[1]!.ms / answers[0]!.ms)
  }
}

async function ask(backend: LlamaCppBackend, prompt: string): Promise<{ text: string, ms: number }> {
  const startedAt = performance.now()
  let text = ''
  for await (const event of backend.generate({ messages: [{ role: 'user', content: prompt }], stop: [], temperature: 0 }, new AbortController().signal)) {
    if (event.type === 'text') text += event.text
  }
  return { text, ms: performance.now() - startedAt }
}
