// Parses Server-Sent Events as the standard has them: any line end, comments, data of several lines, cuts anywhere.

/** @typedef {{ event: string, data: string }} ServerEvent */

export class EventParser {
  #line = ''
  #event = ''
  /** @type {string[]} */
  #data = []
  #endedWithReturn = false
  #isFirst = true

  /**
   * The events that `text` completes. An event is complete with the empty line behind it.
   * @param {string} text
   * @returns {ServerEvent[]}
   */
  push(text) {
    if (text === '') return []
    const rest = this.#withoutMark(this.#endedWithReturn && text.startsWith('\n') ? text.slice(1) : text)
    this.#endedWithReturn = text.endsWith('\r')
    const lines = (this.#line + rest).split(/\r\n|\n|\r/)
    this.#line = lines.pop() ?? ''
    return lines.flatMap((line) => this.#take(line))
  }

  /** @param {string} text */
  #withoutMark(text) {
    const isFirst = this.#isFirst
    this.#isFirst = false
    return isFirst && text.startsWith('\uFEFF') ? text.slice(1) : text
  }

  /**
   * @param {string} line
   * @returns {ServerEvent[]}
   */
  #take(line) {
    if (line === '') return this.#dispatch()
    const [, name, value = ''] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (name === 'data') this.#data.push(value)
    else if (name === 'event') this.#event = value
    return []
  }

  /** @returns {ServerEvent[]} */
  #dispatch() {
    const events = this.#data.length === 0 ? [] : [{ event: this.#event || 'message', data: this.#data.join('\n') }]
    this.#event = ''
    this.#data = []
    return events
  }
}
