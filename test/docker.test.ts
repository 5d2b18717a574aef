import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { parse } from 'yaml'
import { parseUri } from '../src/base/uri.ts'
import { SETTINGS, type Setting } from '../src/config/settings.ts'

type Service = {
  profiles?: string[]
  image: string
  user: string
  command?: string[]
  environment?: Record<string, string>
  volumes?: string[]
  ports?: string[]
  depends_on?: Record<string, { condition: string; required?: boolean }>
  healthcheck?: { test: string[] }
  cap_drop: string[]
  security_opt: string[]
}

const read = (file: string) => readFileSync(new URL(`../docker/${file}`, import.meta.url), 'utf8')
const compose = parse(read('docker-compose.yml'), { merge: true }) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}
const services = Object.entries(compose.services)
const settings: readonly Setting[] = Object.values(SETTINGS)

/** KEY=value of every line, whether commented out or not. */
function pairsOf(text: string): [key: string, value: string][] {
  return [...text.matchAll(/^#?([A-Z][A-Z0-9_]+)=(.*)$/gm)].map(([, key = '', value = '']) => [key, value])
}

/** Names of machines in a URI, those of its parameters too. */
function machinesOf(text: string): string[] {
  const { hosts, params, scheme } = parseUri(text)
  const within = [...params.values()].flatMap((value) => /^https?:\/\/([^:/]+)/.exec(value)?.[1] ?? [])
  return [...(scheme === 's3' ? [] : hosts.map(({ host }) => host)), ...within]
}

describe('docker/docker-compose.yml', () => {
  test('has every engine, and every service but Snug has a profile', () => {
    const expected = 'elasticsearch etcd milvus minio mysql nats nsqadmin nsqd nsqlookupd postgres redis s3 snug'
    assert.equal(Object.keys(compose.services).sort().join(' '), expected)
    const alone = services.filter(([, { profiles = [] }]) => profiles.length === 0).map(([name]) => name)
    assert.deepEqual(alone, ['snug'])
  })

  for (const [name, service] of services)
    test(`${name}: not root, not privileged, one version, asked for its health`, () => {
      assert.equal('privileged' in service || 'cap_add' in service || 'network_mode' in service, false)
      assert.doesNotMatch(service.user, /^(root|0)(:|$)/)
      assert.deepEqual(service.cap_drop, ['ALL'])
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'])
      if (name !== 'snug') {
        assert.match(service.image, /:[^:/]+$/)
        assert.doesNotMatch(service.image, /:latest$/)
        assert.ok(service.healthcheck)
      }
      for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/)
    })

  test('every volume is declared and used, and everything that is waited for exists and is told to be waited for', () => {
    const used = services.flatMap(([, { volumes = [] }]) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    assert.deepEqual(used.sort(), Object.keys(compose.volumes).sort())
    for (const [name, { depends_on = {}, profiles = [] }] of services)
      for (const [other, { condition, required = true }] of Object.entries(depends_on)) {
        assert.equal(condition, 'service_healthy')
        const starts = compose.services[other]?.profiles ?? []
        if (required)
          for (const profile of profiles) assert.ok(starts.includes(profile), `${name} in ${profile} needs ${other}`)
        else assert.ok(other in compose.services)
      }
  })

  test('starts Snug in lite mode, and passes on which servers it shall use', () => {
    const { environment = {} } = compose.services.snug ?? {}
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the text of the file
    assert.equal(environment.COZE_LITE, '${COZE_LITE:-1}')
    for (const { env, key } of settings.filter(({ key }) => /^(db|kv|search|vector|mq|blob)\.uri$/.test(key)))
      assert.equal(environment[env], `\${${env}:-}`, key)
  })
})

describe('docker/.env.example', () => {
  const pairs = pairsOf(read('.env.example'))

  test('has every setting', () => {
    const keys = new Set(pairs.map(([key]) => key))
    assert.deepEqual(
      settings.filter(({ env }) => !keys.has(env)).map(({ env }) => env),
      [],
    )
  })

  test('has of every provider the embedded value, and servers that the compose file starts', () => {
    for (const { env, lite } of settings.filter((setting) => setting.lite !== undefined)) {
      const values = pairs.filter(([key]) => key === env).map(([, value]) => value)
      assert.ok(lite !== undefined && values.includes(lite), env)
      const external = values.filter((value) => value !== lite)
      assert.ok(external.length > 0, env)
      for (const machine of external.flatMap(machinesOf)) assert.ok(machine in compose.services, `${env}: ${machine}`)
    }
  })

  test('has every variable that the compose file reads', () => {
    const asked = [...read('docker-compose.yml').matchAll(/(?<!\$)\$\{([A-Z0-9_]+)/g)].map((match) => match[1] ?? '')
    const keys = new Set(pairs.map(([key]) => key))
    for (const name of asked) assert.ok(keys.has(name), name)
  })
})

test('docker/external.env takes values of .env.example, and servers of the profile that it names', () => {
  const pairs = pairsOf(read('external.env'))
  const example = pairsOf(read('.env.example')).map(([key, value]) => `${key}=${value}`)
  const { COMPOSE_PROFILES: profile = '', ...rest } = Object.fromEntries(pairs)
  assert.equal(profile, 'all')
  for (const [key, value] of Object.entries(rest)) {
    assert.ok(example.includes(`${key}=${value}`), key)
    if (!key.endsWith('_URI')) continue
    for (const machine of machinesOf(value))
      assert.ok(compose.services[machine]?.profiles?.includes(profile), `${key}: ${machine} is not in ${profile}`)
  }
})

test('docker/Dockerfile copies what exists and what is not ignored, and ends as a user who is not root', () => {
  const text = read('Dockerfile')
  assert.equal([...text.matchAll(/^USER (\S+)$/gm)].at(-1)?.[1], 'node')
  const allowed = read('Dockerfile.dockerignore').split('\n')
  for (const [, files = ''] of text.matchAll(/^COPY (.*) \S+$/gm))
    for (const file of files.split(' ')) {
      assert.ok(existsSync(new URL(`../${file}`, import.meta.url)), file)
      assert.ok(allowed.includes(`!${file}`), `${file} is ignored`)
    }
})
