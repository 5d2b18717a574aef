import { SETTINGS, type Setting, type SettingName } from './settings.ts'

const settings: readonly Setting[] = Object.values(SETTINGS)
const code = (text: string | undefined): string => (text === undefined ? '–' : `\`${text}\``)

/** The reference of all settings, as Markdown. */
export function configMarkdown(): string {
  const rows = settings.map(
    (s) =>
      `| \`${s.key}\` | \`${[s.env, ...(s.aliases ?? [])].join('`, `')}\` | ${code(s.lite)} | ${code(s.fallback)} | ${s.about} |`,
  )
  return `<!-- Written by "make docs" from src/config/settings.ts. -->

# Configuration

Each setting is looked up on its own; the first that is given counts:

1. command-line flag (\`--lite\`, \`--listen\`)
2. environment variable
3. with lite mode off: the variables of the original server (\`MYSQL_DSN\`, \`REDIS_ADDR\`, \`ES_ADDR\`, \`VECTOR_STORE_TYPE\`, \`COZE_MQ_TYPE\`, \`STORAGE_TYPE\` and their companions)
4. configuration file: \`--config FILE\`, or \`snug.yaml\` in the working directory
5. with lite mode on: the lite preset
6. built-in default

An empty variable counts as unset. At start the server prints one table: every setting, its value without secrets, and
where it came from. All mistakes are reported together, by name.

| Key in the file | Environment | Lite | Default | Meaning |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

A setting whose scheme this build does not have is refused at start; see [providers](providers.md) for the schemes.
Relative data paths start at \`home\`. In the file a key may be written \`db.uri: …\` or as a group:

\`\`\`yaml
lite: true
listen: 127.0.0.1:8888
model:
  uri: openai://localhost:11434/v1?model=llama3.2
\`\`\`
`
}

/** Every environment variable with its meaning, commented out, for people to copy. */
export function envExample(): string {
  const lines = settings.flatMap((s) => {
    const values = [s.lite, s.fallback].filter((value) => value !== undefined)
    const examples = [...new Set(values.length === 0 ? [''] : values)]
    return [`# ${s.about.replaceAll('`', '')}`, ...examples.map((value) => `#${s.env}=${value}`), '']
  })
  return `# Written by "make docs" from src/config/settings.ts. Where two values stand, the first is that of lite mode.\n\n${lines.join('\n')}`
}

/** What a setting is with the servers of docker/docker-compose.yml, where that is not its default. */
const IN_COMPOSE: Partial<Record<SettingName, string>> = {
  db: 'mysql://coze:coze-password@mysql:3306/opencoze',
  vector: 'milvus://milvus:19530',
  blob: 's3://snug:snug-password@opencoze?endpoint=http://s3:7070&path_style=1',
}

/** The same for people with Docker: of each provider the embedded value and the one with its server beside each other. */
export function dockerEnvExample(): string {
  const lines = Object.entries(SETTINGS).flatMap(([name, s]: [string, Setting]) => {
    const external = IN_COMPOSE[name as SettingName] ?? s.fallback
    const values = [...new Set([s.lite, external])].filter((value) => value !== undefined)
    const examples = values.length === 0 ? [''] : values
    return [`# ${s.about.replaceAll('`', '')}`, ...examples.map((value) => `#${s.env}=${value}`), '']
  })
  return `# Written by "make docs" from src/config/settings.ts. Copy to docker/.env, which docker-compose.yml reads.
# Where two values stand, the first is that of lite mode and the second that of a server in docker-compose.yml.

# Which servers are started: mysql, postgres, redis, elasticsearch, milvus, minio, s3, nsq, nats; or all, for what
# external.env names.
#COMPOSE_PROFILES=

# Where Snug and the page of the queue are reached on this machine.
#SNUG_PORT=8888
#NSQADMIN_PORT=4171

# What the servers are started with; the URIs below must say the same.
#MYSQL_PASSWORD=coze-password
#POSTGRES_PASSWORD=coze-password
#S3_ACCESS_KEY=snug
#S3_SECRET_KEY=snug-password

# Other servers for the same settings:
#DB_URI=postgres://coze:coze-password@postgres:5432/opencoze
#MQ_URI=nats://nats:4222
#BLOB_URI=s3://snug:snug-password@opencoze?endpoint=http://minio:9000&path_style=1

${lines.join('\n')}`
}
