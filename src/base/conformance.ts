/**
 * One statement of a contract, as data: no test runner is named here, so the same list runs in CI and
 * against an operator's own endpoint. The name starts with the statement's number ("KV-17 …") where it has one.
 */
export type Case<H> = {
  name: string
  /** The feature a provider must declare for this case to apply; otherwise the case is reported as skipped. */
  needs?: string
  run(harness: H): Promise<unknown>
}
