// One colour for each backend, the same in cards, bars and answers.

/** As many as the style has. */
const hues = 6

/** A class of the style. @param order names of all backends as the service has them; one that is gone is grey */
export function backendClass(name: string, order: readonly string[]): string {
  const index = order.indexOf(name)
  return index === -1 ? 'hue-gone' : `hue-${index % hues}`
}
