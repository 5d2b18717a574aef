import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Programs, Progress } from '../server.ts'
import { cached } from './cache.ts'
import { command } from './command.ts'

/**
 * An environment of its own with the packages that `scripts/services/python/<name>/requirements.txt` pins. Start them
 * by "python -m": the scripts beside the interpreter name a folder that was renamed. Throws `NotToBeHad`.
 */
export async function pythonPrograms(name: string, progress: Progress): Promise<Programs> {
  const file = new URL(`../python/${name}/requirements.txt`, import.meta.url)
  const packages = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '')
  const install = async (folder: string) => {
    progress(`installs ${packages.join(', ')}`)
    await command('python3', ['-m', 'venv', folder], { what: 'making a Python environment' })
    const flags = ['--no-input', '--disable-pip-version-check', '--only-binary=:all:']
    await command(join(folder, 'bin', 'python'), ['-m', 'pip', 'install', ...flags, ...packages], {
      what: `pip install of ${name}`,
    })
  }
  const folder = await cached(name, [file], install, () => progress('waits for another installation'))
  return { python: join(folder, 'bin', 'python') }
}
