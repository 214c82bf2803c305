// A schema that no grammar can be made of.

export class UnusableSchema extends Error {
  constructor(reason: string) {
    super(`The JSON schema ${reason}.`)
    this.name = 'UnusableSchema'
  }
}
