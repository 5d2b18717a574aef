import { writeFile } from 'node:fs/promises'
import { configMarkdown, dockerEnvExample, envExample } from '../src/config/doc.ts'

const root = new URL('../', import.meta.url)
await writeFile(new URL('docs/config.md', root), configMarkdown())
await writeFile(new URL('.env.example', root), envExample())
await writeFile(new URL('docker/.env.example', root), dockerEnvExample())
console.log('docs/config.md, .env.example and docker/.env.example are written')
