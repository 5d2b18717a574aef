import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createConnection } from 'mysql2/promise'
import { debian } from '../obtain/debian.ts'
import type { Place, Server } from '../server.ts'

const common = ({ data }: Place) => [
  '--no-defaults',
  `--datadir=${data}`,
  // MariaDB refuses to be root unless it is told to.
  ...(process.getuid?.() === 0 ? ['--user=root'] : []),
]

/** MariaDB with the settings of MySQL 8 where the two differ. */
export const mariadb: Server = {
  name: 'mariadb',
  ports: ['sql'],
  obtain: (progress) =>
    debian('mariadb-server-core', ['mariadbd', 'mariadb-install-db', 'my_print_defaults'], progress),

  async prepare(place) {
    if (existsSync(join(place.data, 'init.sql'))) return
    const owner = ['--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve']
    await promisify(execFile)(place.programs['mariadb-install-db'] ?? '', [...common(place), ...owner])
    writeFileSync(
      join(place.data, 'init.sql'),
      "CREATE DATABASE IF NOT EXISTS test;\nGRANT ALL ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;\n",
    )
  },

  commands: (place) => [
    {
      program: place.programs.mariadbd ?? '',
      args: [
        ...common(place),
        `--port=${place.ports.sql}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(place.data, 's')}`,
        `--pid-file=${join(place.data, 'pid')}`,
        `--init-file=${join(place.data, 'init.sql')}`,
        '--skip-name-resolve',
        '--character-set-server=utf8mb4',
        '--collation-server=utf8mb4_uca1400_nopad_ai_ci',
        '--sql-mode=ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO',
        '--explicit-defaults-for-timestamp=ON',
        '--max-allowed-packet=64M',
        '--max-connections=300',
        '--innodb-buffer-pool-size=128M',
        // What is committed outlives the process; only a machine that fails could lose its last second.
        '--innodb-flush-log-at-trx-commit=2',
      ],
    },
  ],

  uri: ({ ports }) => `mysql://root@127.0.0.1:${ports.sql}/test`,

  async probe(place) {
    const connection = await createConnection({ uri: this.uri(place), connectTimeout: 2_000 })
    try {
      const [rows] = await connection.query('SELECT version() AS version')
      return String((rows as { version: string }[])[0]?.version)
    } finally {
      await connection.end()
    }
  },
}
