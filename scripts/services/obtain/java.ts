import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { NotToBeHad, type Programs, type Progress } from '../server.ts'
import { cached } from './cache.ts'
import { command } from './command.ts'
import { debian } from './debian.ts'

/** Versions of Java that may run a server: `atLeast`, and at most `atMost`. */
export type JavaRange = { atLeast: number; atMost: number }

/** What a JDK's own file says: JAVA_VERSION="17.0.15". */
function majorOf(home: string): number {
  const file = join(home, 'release')
  if (!existsSync(file) || !existsSync(join(home, 'bin', 'javac'))) return 0
  return Number(/^JAVA_VERSION="(?:1\.)?(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0)
}

function findJdk({ atLeast, atMost }: JavaRange): string | undefined {
  const homes = [process.env.JAVA_HOME ?? '', ...globSync('/usr/lib/jvm/*').sort()].filter((home) => home !== '')
  const fitting = homes.filter((home) => majorOf(home) >= atLeast && majorOf(home) <= atMost)
  return fitting.sort((a, b) => majorOf(a) - majorOf(b))[0]
}

async function jdk(range: JavaRange, progress: Progress): Promise<string> {
  const there = findJdk(range)
  if (there !== undefined) return there
  const name = `openjdk-${range.atLeast}-jdk-headless`
  await debian(name, ['javac'], progress, [`/usr/lib/jvm/*${range.atLeast}*/bin`]).catch((err: unknown) => {
    throw new NotToBeHad(`no JDK from ${range.atLeast} to ${range.atMost} is installed: ${(err as Error).message}`)
  })
  const now = findJdk(range)
  if (now === undefined) throw new NotToBeHad(`no JDK from ${range.atLeast} to ${range.atMost} is to be had`)
  return now
}

/**
 * Fetches the Maven artifacts that `scripts/services/java/<name>/pom.xml` names and makes a jar of each folder beside it
 * and in the folders `shared`; those of one name go into one jar.
 * Gives `java`, `lib` (the folder of artifacts) and the jars by the names of their folders. Throws `NotToBeHad`.
 */
export async function javaPrograms(
  name: string,
  range: JavaRange,
  progress: Progress,
  shared: readonly string[] = [],
): Promise<Programs> {
  const folderOf = (part: string) => fileURLToPath(new URL(`../java/${part}/`, import.meta.url))
  const source = folderOf(name)
  const pom = readFileSync(join(source, 'pom.xml'), 'utf8')
  const filesIn = (folder: string) => globSync('*/*.java', { cwd: folder }).map((file) => join(folder, file))
  const files = [name, ...shared].flatMap((part) => filesIn(folderOf(part)).sort())
  const jarOf = (file: string) => basename(dirname(file))
  const home = await jdk(range, progress)
  const fetching = async (folder: string) => {
    const { mvn = '' } = await debian('maven', ['mvn'], progress)
    progress('fetches Maven artifacts')
    const args = ['-q', '-B', '-f', join(source, 'pom.xml'), 'dependency:copy-dependencies']
    await command(mvn, [...args, `-DoutputDirectory=${folder}`], {
      ...{ env: { JAVA_HOME: home }, what: `fetching the artifacts of ${name}` },
    })
  }
  const lib = await cached(`${name}-lib`, [pom], fetching, () => progress('waits for another download'))
  const jars = [...new Set(files.map(jarOf))]
  const compiling = async (folder: string) => {
    progress('compiles its launcher')
    for (const jar of jars) {
      const classes = join(folder, jar)
      const sources = files.filter((file) => jarOf(file) === jar)
      const flags = ['-nowarn', '-proc:none', '-d', classes, '-cp', join(lib, '*')]
      await command(join(home, 'bin', 'javac'), [...flags, ...sources], { what: `compiling for ${name}` })
      const packing = ['--create', '--file', join(folder, `${jar}.jar`), '-C', classes, '.']
      await command(join(home, 'bin', 'jar'), packing, { what: `packing for ${name}` })
    }
  }
  const recipe = [pom, home, ...files.map((file) => readFileSync(file, 'utf8'))]
  const made = await cached(`${name}-jars`, recipe, compiling, () => progress('waits for another compiler'))
  return {
    java: join(home, 'bin', 'java'),
    lib,
    ...Object.fromEntries(jars.map((jar) => [jar, join(made, `${jar}.jar`)])),
  }
}
