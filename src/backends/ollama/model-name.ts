// Ollama's model names: [host/][namespace/]model[:tag], the tag `latest` by default, compared without case.

/** True when both names mean the same model of one server. */
export function isSameModel(one: string, other: string): boolean {
  return fullName(one) === fullName(other)
}

/** True for names that Ollama sends on to ollama.com: `model:cloud` and `model:120b-cloud`. */
export function isCloudModel(model: string): boolean {
  return /[:-]cloud$/i.test(model) && model.lastIndexOf(':') > model.lastIndexOf('/')
}

function fullName(name: string): string {
  const short = name.toLowerCase().replace(/^registry\.ollama\.ai\//, '').replace(/^library\//, '')
  return short.lastIndexOf(':') > short.lastIndexOf('/') ? short : `${short}:latest`
}
