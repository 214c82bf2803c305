// What stands in the way of honouring a JSON schema.

export type SchemaProblem = {
  /** JSON pointer of the schema that holds the keyword, from `#`. */
  readonly path: string
  readonly keyword: string
  /** A sentence without its end, for the caller. */
  readonly reason: string
}
