// Whether a Switch listens at an address.

export async function isSwitch(url: string): Promise<boolean> {
  try {
    const response = await fetch(new URL('/health', url), { signal: AbortSignal.timeout(2000) })
    return (await response.json() as { module?: string }).module === 'switch'
  } catch {
    return false
  }
}
