import { writeFile } from 'node:fs/promises'
import { openApiText } from '../test-kit/openapi.ts'

await writeFile(new URL('../openapi.json', import.meta.url), await openApiText())
console.log('openapi.json is written')
