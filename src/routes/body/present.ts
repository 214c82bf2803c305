// Fields that are there, because the domain's types tell absent from undefined.

type MayBeAbsent<T> = { [K in keyof T]-?: undefined extends T[K] ? K : never }[keyof T]

export type Present<T> = Omit<T, MayBeAbsent<T>> & { [K in MayBeAbsent<T>]?: Exclude<T[K], undefined> }

/** The fields without those that are undefined. */
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>
}
