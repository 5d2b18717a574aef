import { writeFile } from 'node:fs/promises'
import { configMarkdown, envExample } from '../src/config/doc.ts'

const root = new URL('../', import.meta.url)
await writeFile(new URL('docs/config.md', root), configMarkdown())
await writeFile(new URL('.env.example', root), envExample())
console.log('docs/config.md and .env.example are written')
