/** What one provider says about itself. `engine` names what really runs behind the scheme. */
export type Health = {
  status: 'up' | 'degraded' | 'down'
  provider: string
  engine?: string
  latencyMs: number
  /** Facts for an operator: sizes, queue lengths, modes. Never keys, ids or secrets. */
  checks: Readonly<Record<string, string | number | boolean>>
  error?: string
}
