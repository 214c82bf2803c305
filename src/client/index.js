// The client of Switch for callers in Node 20 and later and in browsers. client.d.ts has its contract.
export { createClient } from './create-client.js'
export { SwitchBusyError, SwitchConnectionError, SwitchError, SwitchRequestError, SwitchStreamError, SwitchTimeoutError, SwitchUnavailableError } from './errors.js'
