/** The SQL dialects that Snug speaks. */
export type Dialect = 'sqlite' | 'mysql' | 'postgres'
