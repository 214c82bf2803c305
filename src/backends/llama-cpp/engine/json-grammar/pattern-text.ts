// The inside of a JSON text that a regular expression matches.
import { narrowed } from './bounds.ts'
import { classOf, has, intersectionOf, plainCharacters } from './character-set.ts'
import type { CharacterSet } from './character-set.ts'
import { choice, literal, nothing, repeated, sequence } from './expression.ts'
import type { Expression } from './expression.ts'
import { PatternReader } from './pattern-reader.ts'
import type { PatternNode } from './pattern-reader.ts'

/** Deeper repetitions of repetitions have too many ways to read the same text. */
const deepestRepeat = 3
/** llama.cpp refuses thousands of them. */
const mostRepeats = 1000

class Unsayable extends Error {}

/** What JSON writes with a backslash, with the letter behind it. */
const escapes: readonly (readonly [string, string])[] = [['"', '"'], ['\\', '\\'], ['\b', 'b'], ['\f', 'f'], ['\n', 'n'], ['\r', 'r'], ['\t', 't']]

/** `repeats`: the most repetitions of what the pattern leaves open. @returns undefined when a grammar cannot say the pattern */
export function textOfPattern(pattern: string, repeats: number): Expression | undefined {
  const node = PatternReader.read(pattern)
  if (node === undefined) return undefined
  try {
    return choice(branchesOf(node).map((branch) => anchored(branch, repeats)))
  } catch (error) {
    if (error instanceof Unsayable) return undefined
    throw error
  }
}

/** Without an anchor anything may stand there. */
function anchored(branch: PatternNode, repeats: number): Expression | undefined {
  const parts = branch.type === 'sequence' ? branch.parts : [branch]
  const isFromStart = isAnchor(parts[0], 'start')
  const isToEnd = isAnchor(parts.at(-1), 'end')
  const inside = parts.slice(isFromStart ? 1 : 0, isToEnd ? -1 : undefined)
  const anything = `${classOf(plainCharacters)!}{0,${repeats}}`
  return sequence(isFromStart ? nothing : anything, ...inside.map((part) => said(part, repeats, 0, 1)), isToEnd ? nothing : anything)
}

function branchesOf(node: PatternNode): readonly PatternNode[] {
  return node.type === 'choice' ? node.parts : [node]
}

function isAnchor(node: PatternNode | undefined, at: 'start' | 'end'): boolean {
  return node?.type === 'anchor' && node.at === at
}

function said(node: PatternNode, repeats: number, depth: number, times: number): Expression | undefined {
  if (node.type === 'anchor') throw new Unsayable()
  if (node.type === 'characters') return charactersOf(node.set)
  if (node.type === 'choice') return choice(node.parts.map((part) => said(part, repeats, depth, times)))
  if (node.type === 'sequence') return sequence(...node.parts.map((part) => said(part, repeats, depth, times)))
  if (depth === deepestRepeat) throw new Unsayable()
  const isOpen = node.most === Infinity
  const most = isOpen ? Math.max(node.least, narrowed(repeats, 2 * depth)) : node.most
  if (times * most > mostRepeats) throw new Unsayable()
  return repeated(said(node.part, repeats, depth + (node.most > 1 ? 1 : 0), times * Math.max(1, most)), node.least, most)
}

function charactersOf(set: CharacterSet): Expression | undefined {
  const escaped = escapes.filter(([character]) => has(set, character.codePointAt(0)!)).map(([, letter]) => literal(`\\${letter}`))
  return choice([classOf(intersectionOf(set, plainCharacters)), ...escaped])
}
