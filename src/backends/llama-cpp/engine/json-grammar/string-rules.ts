// Rules for texts.
import type { SchemaObject } from '../../../../inference/json-schema/schema.ts'
import type { Expression } from './expression.ts'
import { formatPatterns } from './formats.ts'
import { quoted } from './json-text.ts'
import { textOfPattern } from './pattern-text.ts'
import type { Place, SchemaRules } from './schema-rules.ts'

export function stringOf(schema: SchemaObject, place: Place, rules: SchemaRules): Expression | undefined {
  const pattern = typeof schema.pattern === 'string' ? schema.pattern : undefined
  const ofFormat = typeof schema.format === 'string' ? formatPatterns[schema.format] : undefined
  const patterned = textOfPattern(pattern ?? ofFormat ?? '(?!)', rules.builder.bounds.patternRepeats)
  for (const keyword of uncheckedOf(schema, patterned !== undefined)) rules.leaveUnchecked(place, keyword)
  if (patterned !== undefined) return rules.builder.addRule(quoted(patterned))
  const least = Number(schema.minLength ?? 0)
  const most = Number(schema.maxLength ?? Math.max(least, rules.builder.bounds.textLength))
  return rules.any.text(least, most)
}

/** A pattern goes before a format, and both before lengths. */
function uncheckedOf(schema: SchemaObject, isPatterned: boolean): string[] {
  const enforced = isPatterned ? [schema.pattern === undefined ? 'format' : 'pattern'] : ['minLength', 'maxLength']
  return ['pattern', 'format', 'minLength', 'maxLength'].filter((keyword) => schema[keyword] !== undefined && !enforced.includes(keyword))
}
