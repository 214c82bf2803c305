// How large a model may be: at most 3 GB for one of the 7B class or above, at most 1 GB for a smaller one.
import type { Catalogue, CatalogueEntry } from './catalogue.ts'

export const sizeClasses = ['larger', '7b', '3b', '1b', 'tiny'] as const
export type SizeClass = typeof sizeClasses[number]

/** Bytes, counted as GB of 10^9 as Hugging Face does. */
const limits: Record<SizeClass, number> = { 'larger': 3e9, '7b': 3e9, '3b': 1e9, '1b': 1e9, 'tiny': 1e9 }
/** Most parameters of each class, in billions. */
const mostParameters: readonly [SizeClass, number][] = [['tiny', 0.8], ['1b', 2], ['3b', 5], ['7b', 7.9]]

/** The bytes that a model of this class may have. */
export function sizeLimit(sizeClass: SizeClass): number {
  return limits[sizeClass]
}

/** @param parametersB billions */
export function sizeClassOf(parametersB: number): SizeClass {
  return mostParameters.find(([, most]) => parametersB <= most)?.[0] ?? 'larger'
}

export function withinRule(bytes: number, sizeClass: SizeClass): boolean {
  return bytes <= limits[sizeClass]
}

/** True only where the catalogue knows the size. */
export function isEntryWithinRule({ size_bytes, size_class }: CatalogueEntry): boolean {
  return size_bytes !== null && withinRule(size_bytes, size_class)
}

/** The entry with the most similar number of parameters that keeps the rule, its own and that of `sizeClass`. */
export function nearestWithinRule(parametersB: number, sizeClass: SizeClass, { models }: Catalogue): CatalogueEntry | undefined {
  const distance = ({ parameters_b }: CatalogueEntry) => Math.abs(parameters_b - parametersB)
  const keeping = models.filter((entry) => isEntryWithinRule(entry) && withinRule(entry.size_bytes!, sizeClass))
  return keeping.toSorted((a, b) => distance(a) - distance(b))[0]
}

/** A sentence for a model that breaks the rule, with one that does not, without a full stop. */
export function ruleBroken(name: string, bytes: number, parametersB: number, catalogue: Catalogue): string {
  const sizeClass = sizeClassOf(parametersB)
  const nearest = nearestWithinRule(parametersB, sizeClass, catalogue)
  const instead = nearest === undefined ? '' : `; ${nearest.id} (${gigabytes(nearest.size_bytes!)}) keeps it`
  return `${name} has ${gigabytes(bytes)}, more than the ${gigabytes(sizeLimit(sizeClass))} for a model of its size${instead}`
}

/** Such as 2.02 GB, of 10^9 bytes; MB below one. */
export function gigabytes(bytes: number): string {
  if (bytes < 1e9) return `${Number((bytes / 1e6).toPrecision(3))} MB`
  return `${Number((bytes / 1e9).toFixed(2))} GB`
}
