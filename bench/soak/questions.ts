// The questions of npm run bench:soak: each has an answer that nobody else's question has.

export type Message = { readonly role: 'system' | 'user' | 'assistant', readonly content: string }

export type Question = {
  readonly name: string
  readonly messages: readonly Message[]
  /** What its answer, and only its answer, contains. */
  readonly mark: string
  readonly length: 'short' | 'long answer' | 'long prompt'
  /** The turns of one conversation share it. */
  readonly sessionId?: string
}

/** Capitals that the embedded model knows. */
const capitals = {
  Spain: 'Madrid', Peru: 'Lima', Kenya: 'Nairobi', Japan: 'Tokyo', Norway: 'Oslo', Chile: 'Santiago', Egypt: 'Cairo', Italy: 'Rome',
  Greece: 'Athens', France: 'Paris', Germany: 'Berlin', Austria: 'Vienna', Finland: 'Helsinki', Morocco: 'Rabat', Serbia: 'Belgrade', Rwanda: 'Kigali'
} as const
const countries = Object.keys(capitals) as (keyof typeof capitals)[]

const repeated = ['zebra 4821', 'Kavorin Melutas', 'the quiet doctor follows the blue boat', 'music song garden night window bridge forest', 'Leejiton', 'I like chocolate and pizza']
const counts = [[11, 19], [23, 58], [34, 39], [47, 95], [52, 66], [61, 99], [72, 80], [83, 97]] as const
const stories = { fox: 'young red fox', lighthouse: 'old lighthouse', robot: 'robot called Bit', boat: 'little white boat' } as const
const filler = 'The busy doctor remembers the farmer on the hill. The old cloud follows the baker under the bridge. '

/** Repetitions of the filler: prompts of about 190, 640 and 1390 tokens. */
const fillings = [5, 20, 45]

export const questions: readonly Question[] = [
  ...countries.map((country) => capitalOf(country)),
  ...repeated.map((text) => ({ name: `repeat ${text}`, messages: [user(`Repeat after me: ${text}`)], mark: text, length: 'short' as const })),
  ...counts.map(([first, last]) => count(first, last)),
  ...Object.entries(stories).map(([topic, mark]) => ({ name: `story of a ${topic}`, messages: [user(`Tell me a story about a ${topic}.`)], mark, length: 'long answer' as const })),
  ...fillings.flatMap((times, index) => [filled(capitalOf(countries[index]!), times), filled(count(11 + index, 40 + index), times)]),
  ...conversation(['Norway', 'Italy', 'Greece', 'France']),
  ...conversation(['Austria', 'Finland', 'Serbia', 'Rwanda', 'Kenya', 'Japan']),
  lastOf(conversation(Array.from({ length: 41 }, (_, index) => countries[index % countries.length]!)))
]

/** Some three hundred tokens of answer, for callers that do not wait for its end. */
export const longest: Question = count(1, 99)

/** More tokens than the context holds. */
export const tooLong: readonly Message[] = [user(filler.repeat(90))]

function user(content: string): Message {
  return { role: 'user', content }
}

function capitalOf(country: keyof typeof capitals): Question {
  return { name: `capital of ${country}`, messages: [user(`What is the capital of ${country}?`)], mark: `The capital of ${country} is ${capitals[country]}`, length: 'short' }
}

function count(first: number, last: number): Question {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index)
  return { name: `count from ${first}`, messages: [user(`Count from ${first} to ${last}.`)], mark: numbers.join(', '), length: numbers.length > 20 ? 'long answer' : 'short' }
}

function filled(question: Question, times: number): Question {
  return { ...question, name: `${question.name}, after ${times} sentences`, messages: [{ role: 'system', content: `You are a helpful assistant. ${filler.repeat(times)}` }, ...question.messages], length: 'long prompt' }
}

/** A question for each turn; the answers before it are a part of its prompt. */
function conversation(topics: readonly (keyof typeof capitals)[]): Question[] {
  const before: Message[] = []
  return topics.map((country, turn) => {
    const { name, messages, mark } = capitalOf(country)
    const asked = [...before, ...messages]
    before.push(...messages, { role: 'assistant', content: `${mark}.` })
    return { name: `${name}, turn ${turn + 1}`, messages: asked, mark, length: turn > 5 ? 'long prompt' : 'short', sessionId: `conversation of ${topics.length}` }
  })
}

function lastOf(all: readonly Question[]): Question {
  return all.at(-1)!
}
