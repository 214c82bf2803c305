// OTEL_EXPORTER_OTLP_HEADERS: name=value pairs, comma separated, the values percent-encoded as in a baggage header.

export function headersOf(pairs: string): Record<string, string> {
  const entries = pairs.split(',').map((pair) => pair.trim()).filter((pair) => pair.includes('='))
  return Object.fromEntries(entries.map((pair) => {
    const equals = pair.indexOf('=')
    return [pair.slice(0, equals).trim(), decoded(pair.slice(equals + 1).trim())]
  }))
}

/** A lone percent sign stands for itself. */
function decoded(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
