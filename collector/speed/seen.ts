/**
 * Signatures that were used once, until they are too old to be taken anyway. Each agent has a place of its own, so that
 * none can push out what is remembered of another. In memory: after a restart a signature of the last minutes could be
 * shown again, and would be worth one turn of its own agent.
 */
export class Seen {
  readonly #mostPerAgent: number;
  /** Agent id → digest of what was signed → when it may be forgotten, ms. */
  readonly #agents = new Map<string, Map<string, number>>();

  constructor(mostPerAgent = 120) {
    this.#mostPerAgent = mostPerAgent;
  }

  /** `new` once for each signature; `full` while the agent's place is, and then it is not remembered. */
  take(agentId: string, digest: string, nowMs: number, forgetAtMs: number): 'new' | 'used' | 'full' {
    const own = this.#agents.get(agentId) ?? new Map<string, number>();
    for (const [known, forgetAt] of own) if (forgetAt < nowMs) own.delete(known);
    if (own.has(digest)) return 'used';
    if (own.size >= this.#mostPerAgent) return 'full';
    own.set(digest, forgetAtMs);
    this.#agents.set(agentId, own);
    return 'new';
  }
}
