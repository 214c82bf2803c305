// The alert rules and the dashboard: promtool takes the rules and the metrics, and every metric that they name is there.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { listen, post, ready } from '../../support/service.ts'
import { parseExposition } from './exposition.ts'

type Rules = { groups: { rules: { alert: string, expr: string, annotations: { summary?: string, description?: string } }[] }[] }
type Dashboard = { panels: { title: string, type: string, targets?: { expr: string }[] }[] }

const pathOf = (file: string) => fileURLToPath(new URL(`../../../deploy/${file}`, import.meta.url))
const rules = (parse(readFileSync(pathOf('prometheus/rules.yml'), 'utf8')) as Rules).groups.flatMap((group) => group.rules)
const dashboard = JSON.parse(readFileSync(pathOf('grafana/switch.json'), 'utf8')) as Dashboard
const expressions = [...rules.map(({ expr }) => expr), ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr))]
const promtool = spawnSync('promtool', ['--version']).error === undefined ? false : 'promtool is not installed (Debian: apt-get install prometheus)'

test('every metric that the rules and the dashboard name is there after one real request, and promtool finds no fault in any', async (t) => {
  const { url } = await listen(t)
  await ready(url)
  assert.equal((await post(url, { prompt: 'What is the capital of France?' })).status, 200)
  const text = await (await fetch(`${url}/metrics`)).text()
  const { types } = parseExposition(text)
  const named = new Set(expressions.flatMap((expr) => expr.match(/\b(?:switch|process|nodejs)_[a-z0-9_]+\b/g) ?? []))
  assert.ok(named.size > 30, `only ${named.size} metrics are named`)
  const missing = [...named].filter((name) => !types.has(name) && types.get(name.replace(/_(bucket|sum|count)$/, '')) !== 'histogram')
  assert.deepEqual(missing, [])
  await t.test('promtool check metrics', { skip: promtool }, () => {
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' })
    assert.equal(status, 0, stdout + stderr)
  })
})

test('promtool takes the rules', { skip: promtool }, () => {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'rules', '--lint=all', '--lint-fatal', pathOf('prometheus/rules.yml')], { encoding: 'utf8' })
  assert.equal(status, 0, stdout + stderr)
})

test('every alert says what is wrong and what it means', () => {
  assert.ok(rules.length >= 8)
  for (const { alert, annotations } of rules) assert.ok(annotations.summary && annotations.description, alert)
})

test('every panel of the dashboard has a query and a title of its own', () => {
  const panels = dashboard.panels.filter(({ type }) => type !== 'row')
  assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length)
  for (const { title, targets = [] } of panels) assert.ok(targets.length > 0, title)
})
