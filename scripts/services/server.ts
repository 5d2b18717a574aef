import type { ServiceName } from './names.ts'

/** Why a server cannot be had on this machine. It is skipped and counted, never replaced. */
export class NotToBeHad extends Error {}

/** Tells a person what takes time. */
export type Progress = (text: string) => void

/** Names of programs (or of folders with programs) → where they are. */
export type Programs = Readonly<Record<string, string>>

/** Whose rights a server runs with, where it must not be the caller. */
export type Account = { uid: number; gid: number }

/** Where one server lives: its data, what it listens on, what runs. */
export type Place = {
  /** An absolute path that exists. It outlives stops. */
  data: string
  ports: Readonly<Record<string, number>>
  programs: Programs
  account?: Account
}

/** One process of a server. `args` must hold something that tells it from all others, as its port or its data. */
export type Command = {
  program: string
  args: readonly string[]
  env?: Readonly<Record<string, string>>
}

/** How one server is obtained, started, asked and ended. */
export type Server = {
  name: ServiceName
  /** Installs, builds or finds the programs; throws `NotToBeHad`. The second time it is quick. */
  obtain(progress: Progress): Promise<Programs>
  /** What it listens on, each with a free port of its own that it keeps. */
  ports: readonly string[]
  /** The system account that it runs as when the caller is root. */
  runAs?: string
  /** Makes `data` ready; called before each start. */
  prepare?(place: Place): Promise<void>
  /** What is started, in this order; ended in the opposite order. */
  commands(place: Place): readonly Command[]
  /** The value of Snug's setting. */
  uri(place: Place): string
  /** The version that the server tells. Throws as long as it does not answer. Called once more after a start. */
  probe(place: Place): Promise<string>
  /** What asks it to end without loss; SIGTERM when absent. */
  stopSignal?: NodeJS.Signals
  /** Parts of the product that what is obtained does not have; a test that needs one is skipped. */
  lacks?: readonly string[]
  /** How long a start may take; 60 s when absent. */
  startWithinMs?: number
}
