// Light or dark: as the system has it, until the reader chooses.
import { signal } from '@preact/signals'

export type Theme = 'system' | 'light' | 'dark'

const key = 'switch-theme'
const order: readonly Theme[] = ['system', 'light', 'dark']

export const theme = signal<Theme>(order.find((one) => one === localStorage.getItem(key)) ?? 'system')

theme.subscribe((value) => {
  if (value === 'system') delete document.documentElement.dataset['theme']
  else document.documentElement.dataset['theme'] = value
})

export function chooseTheme(value: Theme): void {
  localStorage.setItem(key, value)
  theme.value = value
}

export function nextTheme(): Theme {
  return order[(order.indexOf(theme.value) + 1) % order.length]!
}
