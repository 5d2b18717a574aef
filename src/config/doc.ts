import { SETTINGS, type Setting } from './settings.ts'

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
