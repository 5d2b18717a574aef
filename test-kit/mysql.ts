import { randomBytes } from 'node:crypto'
import { createConnection } from 'mysql2/promise'

/** A database of its own on the server of that URI, empty; `remove` drops it. */
export async function mysqlDatabase(
  serverUri: string,
): Promise<{ uri: string; name: string; remove(): Promise<void> }> {
  const name = `snug_test_${process.pid}_${randomBytes(6).toString('hex')}`
  const run = async (text: string) => {
    const connection = await createConnection(serverUri.replace(/\?.*$/, '').replace(/(\/\/[^/]*)\/.*$/, '$1'))
    try {
      await connection.query(text)
    } finally {
      await connection.end()
    }
  }
  await run(`CREATE DATABASE ${name}`)
  const uri = serverUri.replace(/^(\w+:\/\/[^/?]*)(?:\/[^?]*)?/, `$1/${name}`)
  return { uri, name, remove: () => run(`DROP DATABASE IF EXISTS ${name}`) }
}
