// What the fake upstream says when nothing else is wanted: sixty words, some of them outside ASCII.

export const answerText = 'Once upon a time a small café in Kraków — the Żółw — kept a robot at the window. ' +
  'Every morning it greeted the guests with “dzień dobry”, a cup of tea ☕ and one new word: ' +
  '水, naïve, smörgåsbord, ελπίδα. People laughed, came back, and learned. By the end of winter 🐢 the whole street spoke of almost everything.'

/** Each word with the space before it, so that they join to the text. */
export function wordsOf(text: string): string[] {
  return text.match(/\s*\S+/g) ?? []
}
