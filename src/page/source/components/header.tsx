// Name, version and uptime, the ways to other pages, and the choice of light or dark.
import { service, status } from '../state/connection.ts'
import { chooseTheme, nextTheme, theme } from '../state/theme.ts'
import { longDuration } from '../text/format.ts'

const themeTexts = { system: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' }
const themeSymbols = { system: '◐', light: '☀', dark: '☾' }

export function Header() {
  return (
    <header class="header">
      <h1 class="brand"><Mark />Switch</h1>
      <p class="build">
        {service.value && <span>Version {service.value.version}</span>}
        {status.value && <span>Up {longDuration(status.value.uptime_s)}</span>}
      </p>
      <nav class="links" aria-label="Elsewhere">
        <a href="docs">API</a>
        <a href="metrics">Metrics</a>
        <button type="button" class="quiet" onClick={() => chooseTheme(nextTheme())} title="Change between system, light and dark">
          <span aria-hidden="true">{themeSymbols[theme.value]}</span> {themeTexts[theme.value]}
        </button>
      </nav>
    </header>
  )
}

function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M7 11h10l-4-4m12 14H15l4 4" />
    </svg>
  )
}
