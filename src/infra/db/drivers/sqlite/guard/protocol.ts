import type { GuardedResult, GuardedStatement } from '../../../driver.ts'

/** What the child is started with, as JSON in its one argument. */
export type ChildOptions = {
  path: string
  busyTimeoutMs: number
  /** It ends itself when this process is gone, or when it grows beyond this. */
  parentPid: number
  maxMemoryBytes: number
}

/** One at a time; the child answers each with one `done` or `failed`. */
export type Request = GuardedStatement

/** An error without its stack. SQLite's own numbers travel, so that the parent classifies as it does its own. */
export type SentError =
  | { kind: 'app'; code: string; message: string }
  | { kind: 'sqlite'; code: string; errcode: number | undefined; message: string }

export type Reply = { kind: 'ready' } | { kind: 'done'; result: GuardedResult } | { kind: 'failed'; error: SentError }
