import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { Ajv } from 'ajv'
import { parseAllDocuments } from 'yaml'
import { variableNames } from '../../src/config/schema.ts'
import { projectFolder, readProjectFile, readProjectYaml } from '../support/project-file.ts'

type Values = { settings: Record<string, string>, resources: { limits: { memory: string } }, persistence: { models: { accessMode: string } } } & Record<string, unknown>
type KubernetesObject = { kind: string, spec: Record<string, unknown> }

const folder = 'deploy/helm/switch'
const values = readProjectYaml<Values>(`${folder}/values.yaml`)
const isValid = new Ajv({ strict: false }).compile(JSON.parse(readProjectFile(`${folder}/values.schema.json`)))

const isHelmThere = spawnSync('helm', ['version']).status === 0
const skip = isHelmThere ? false : 'helm is not on PATH'
const kubernetes = ['--kube-version', '1.32.0']

function helm(...args: string[]) {
  return spawnSync('helm', [...args, ...kubernetes], { encoding: 'utf8', cwd: projectFolder })
}

/** The objects that the chart makes with `--set` of each setting. */
function render(...settings: string[]): KubernetesObject[] {
  const { status, stdout, stderr } = helm('template', 'vx11', folder, ...settings.flatMap((each) => ['--set', each]))
  assert.equal(status, 0, stderr)
  return parseAllDocuments(stdout).map((document) => document.toJS() as KubernetesObject).filter(Boolean)
}

function refusal(...settings: string[]): string {
  const { status, stderr } = helm('template', 'vx11', folder, ...settings.flatMap((each) => ['--set', each]))
  assert.notEqual(status, 0)
  return stderr
}

test('the chart has the version of Switch', () => {
  const chart = readProjectYaml<{ appVersion: string, apiVersion: string }>(`${folder}/Chart.yaml`)
  assert.deepEqual([chart.apiVersion, chart.appVersion], ['v2', JSON.parse(readProjectFile('package.json')).version])
})

test('its values fit its schema, and others do not', () => {
  assert.ok(isValid(values), JSON.stringify(isValid.errors))
  const wrong = [
    { ...values, replicas: 2 },
    { ...values, strategy: 'Sometimes' },
    { ...values, settings: { HOST: '127.0.0.1' } },
    { ...values, settings: { OPENAI_API_KEY: 'secret' } },
    { ...values, persistence: { ...values.persistence, models: { ...values.persistence.models, accessMode: 'Whatever' } } }
  ]
  for (const each of wrong) assert.equal(isValid(each), false, JSON.stringify(each))
})

test('its settings exist', () => {
  for (const name of Object.keys(values.settings)) assert.ok((variableNames as string[]).includes(name), name)
})

test('its memory limit is more than the models may take', () => {
  const [, mebibytes] = /^(\d+)Mi$/.exec(values.resources.limits.memory) ?? []
  assert.ok(Number(mebibytes) * 1.048576 >= Number(values.settings['HERMES_MAX_MEMORY_MB']) + 400)
})

test('helm finds no fault with it', { skip }, () => {
  const { status, stdout } = helm('lint', folder, '--strict', '--set', 'token.value=secret')
  assert.equal(status, 0, stdout)
})

test('by default it makes a deployment with its volumes, a service, a secret and a network policy', { skip }, () => {
  const kinds = render('token.value=secret').map(({ kind }) => kind).sort()
  assert.deepEqual(kinds, ['Deployment', 'NetworkPolicy', 'PersistentVolumeClaim', 'PersistentVolumeClaim', 'Secret', 'Service'])
})

test('autoscaling and monitoring are there when asked for, and a secret of your own takes the place of the chart\'s', { skip }, () => {
  const kinds = render('token.existingSecret=mine', 'autoscaling.enabled=true', 'serviceMonitor.enabled=true', 'persistence.models.enabled=false', 'persistence.cache.enabled=false').map(({ kind }) => kind).sort()
  assert.deepEqual(kinds, ['Deployment', 'HorizontalPodAutoscaler', 'NetworkPolicy', 'Service', 'ServiceMonitor'])
})

test('a large number stays one', { skip }, () => {
  const deployment = render('token.value=secret', 'settings.HERMES_MAX_MEMORY_MB=16777216').find(({ kind }) => kind === 'Deployment')
  assert.match(JSON.stringify(deployment), /"value":"16777216"/)
})

test('it refuses what cannot run, and says what to do', { skip }, () => {
  assert.match(refusal(), /Switch needs a token: set token\.existingSecret/)
  assert.match(refusal('token.value=secret', 'replicaCount=2'), /set its accessMode to ReadWriteMany/)
  assert.match(refusal('token.value=secret', 'strategy=RollingUpdate'), /one replica with strategy Recreate/)
})
