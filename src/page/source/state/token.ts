// The token: kept for this tab alone, and sent with every request for data.
import { signal } from '@preact/signals'

const key = 'switch-token'

/** Undefined: none was given. */
export const token = signal<string | undefined>(sessionStorage.getItem(key) ?? undefined)

export function rememberToken(value: string): void {
  sessionStorage.setItem(key, value)
  token.value = value
}

export function forgetToken(): void {
  sessionStorage.removeItem(key)
  token.value = undefined
}
