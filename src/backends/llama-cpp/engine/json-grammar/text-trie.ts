// A choice between many texts, shared beginnings told once: each step then follows few of them instead of all.
import { classOf, complementOf, has, intersectionOf, plainCharacters, setOf } from './character-set.ts'
import { choice, literal, optional, sequence } from './expression.ts'
import type { Expression } from './expression.ts'

type Node = { isEnd: boolean, readonly next: Map<string, Node> }

/** One of the texts. */
export function oneOfTexts(texts: Iterable<string>): Expression | undefined {
  return following(trieOf(texts))
}

/** A plain text of 1 to `most` characters more than the longest of the texts, none of which it is. */
export function otherThan(texts: Iterable<string>, most: number): Expression {
  const plain = [...texts].filter((text) => Array.from(text).every((character) => has(plainCharacters, character.codePointAt(0)!)))
  return avoiding(trieOf(plain), most, true)!
}

function trieOf(texts: Iterable<string>): Node {
  const root: Node = { isEnd: false, next: new Map() }
  for (const text of texts) {
    let node = root
    for (const character of text) {
      const next = node.next.get(character) ?? { isEnd: false, next: new Map() }
      node.next.set(character, next)
      node = next
    }
    node.isEnd = true
  }
  return root
}

function following(node: Node): Expression | undefined {
  const branches = choice([...node.next].map(([character, next]) => {
    let run = character
    let end = next
    while (!end.isEnd && end.next.size === 1) {
      const [[letter, after]] = [...end.next] as [[string, Node]]
      run += letter
      end = after
    }
    return sequence(literal(run), following(end))
  }))
  if (!node.isEnd) return branches
  return optional(branches)
}

function avoiding(node: Node, most: number, isStart: boolean): Expression | undefined {
  const others = classOf(intersectionOf(plainCharacters, complementOf(setOf(node.next.keys()))))!
  const parts = choice([
    `${others} ${classOf(plainCharacters)!}{0,${most - 1}}`,
    ...[...node.next].map(([character, next]) => sequence(literal(character), avoiding(next, most, false)))
  ])
  return node.isEnd || isStart ? parts : optional(parts)
}
