// What every reader of a reply's body owes the exchange. Types only.

export interface BodyReader {
  /**
   * How many milliseconds more the body may take before it is taken as complete; undefined: as long as it likes.
   * Asked after each read. 0: when the present socket read is through.
   */
  readonly patienceMs: number | undefined

  /** @throws BackendError when it is no answer */
  read(bytes: Buffer): void

  /**
   * Nothing more comes. The answer's last events are pushed.
   * @param broken why, when the body was not complete
   * @throws BackendError when what came is no answer
   */
  end(broken?: Error): void
}
