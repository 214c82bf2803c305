// The machine's own Chromium.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import type { Browser } from 'playwright-core'

const found = [process.env['CHROMIUM_PATH'], '/usr/bin/chromium', '/usr/bin/google-chrome'].find((path) => path !== undefined && existsSync(path))

/** For a test's `skip`: why there is no browser; false when there is one. */
export const noBrowser = found === undefined && 'there is no Chromium: set CHROMIUM_PATH, or install it as /usr/bin/chromium'

/** Asks nobody but the page's own service, not even for updates of itself. */
const quietFlags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync']

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: found!, args: quietFlags })
}
