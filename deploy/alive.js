// Ends with 0 when the service in this container answers, else with 1: the container's health check, without curl.
const url = `http://127.0.0.1:${process.env.PORT || 8000}/health`

try {
  const response = await fetch(url, { signal: AbortSignal.timeout(3000) })
  if (!response.ok) throw new Error(`status ${response.status}`)
} catch (error) {
  console.error(`${url}: ${error.cause?.message ?? error.message}`)
  process.exitCode = 1
}
