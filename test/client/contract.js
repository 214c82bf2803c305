// Checked by the compiler alone: the client is what its declarations say.
import * as actual from '../../src/client/index.js'

/** @type {typeof import('../../src/client/client.d.ts')} */
export const declared = actual
