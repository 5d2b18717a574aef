import type { DatabaseImports } from '../../domain/database/types.ts'
import { handler, type TopicHandler } from '../worker.ts'

/** Writes the rows of an uploaded file into a database. */
export const importRowsHandler = (imports: DatabaseImports): TopicHandler =>
  handler({
    topic: 'database.import_rows',
    concurrency: 2,
    handle: ({ database_id, environment, import_id }, { signal }) =>
      imports.run({ databaseId: database_id, environment, importId: import_id }, { signal }),
    giveUp: ({ database_id, environment, import_id }, reason) =>
      imports.fail({ databaseId: database_id, environment, importId: import_id }, `given up: ${reason}`),
  })
