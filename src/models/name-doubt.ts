// Whether a file is what its name says: a small model under the name of a large one is found before anybody wonders about its answers.
import type { CatalogueEntry } from './catalogue.ts'
import { nameOf } from './folder-files.ts'
import type { ModelDescription } from './model-description.ts'

/** What a name claims. */
type Claim = { readonly parametersB: number | undefined, readonly quantisation: string | undefined }

/** "7b", "0.6B", "135M"; not "8x7b", which has another number of parameters, nor the "A3B" of active ones. */
const parametersInName = /(?<![\dx.a-z])(\d+(?:\.\d+)?)([bm])(?![a-z\d])/i
const quantisationInName = /(?<![a-z])(i?q\d(?:_[01k])?)(?![a-z])/i
/** Names round, and count with and without embeddings. */
const tolerance = 1.35

/** A sentence without a full stop where name and header disagree, else undefined. */
export function nameDoubt(file: string, { parametersB, quantisation }: ModelDescription, entry: CatalogueEntry | undefined): string | undefined {
  const claim = entry?.file === file ? claimOf(entry) : { ...claimIn(nameOf(file)), ...entry && { parametersB: entry.parameters_b } }
  const doubts = [
    ...claim.parametersB !== undefined && isFar(claim.parametersB, parametersB) ? [[billions(claim.parametersB), billions(parametersB)]] : [],
    ...claim.quantisation !== undefined && quantisation !== undefined && !isLike(claim.quantisation, quantisation) ? [[claim.quantisation, quantisation]] : []
  ]
  if (doubts.length === 0) return undefined
  const [said, found] = [0, 1].map((side) => doubts.map((doubt) => doubt[side]).join(' and '))
  return `The name ${file} says ${said}, but its header says ${found}`
}

function claimOf({ parameters_b, quantisation }: CatalogueEntry): Claim {
  return { parametersB: parameters_b, quantisation }
}

function claimIn(name: string): Claim {
  const [, number, unit] = parametersInName.exec(name) ?? []
  return {
    parametersB: number === undefined ? undefined : Number(number) / (unit!.toLowerCase() === 'm' ? 1000 : 1),
    quantisation: quantisationInName.exec(name)?.[1]!.toUpperCase()
  }
}

function isFar(a: number, b: number): boolean {
  return Math.max(a, b) > tolerance * Math.min(a, b)
}

/** A plain q4 may be any form of four bits. */
function isLike(claimed: string, found: string): boolean {
  return found.startsWith(claimed) || found.startsWith(`I${claimed}`)
}

/** Such as 7.2B or 135M. */
export function billions(parametersB: number): string {
  const [number, unit] = parametersB < 1 ? [parametersB * 1000, 'M'] : [parametersB, 'B']
  return `${number < 100 ? Number(number.toFixed(1)) : Math.round(number)}${unit}`
}
