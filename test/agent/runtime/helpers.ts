import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { type Identity, makeKeyPair } from '../../../agent/uplink/identity.ts';
import type { Report, Sample } from '../../../shared/wire/report.ts';

/** Parts that several tests of the runtime share. */

export const silent = pino({ level: 'silent' });

/** A directory that is gone after the test. */
export function scratch(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'thdt-agent-'));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

export function writeConfig(dir: string, config: unknown, name = 'agent.json'): string {
  const file = path.join(dir, name);
  writeFileSync(file, typeof config === 'string' ? config : JSON.stringify(config));
  return file;
}

export async function identityOf(agentId: string, collector: string): Promise<Identity> {
  return { agentId, school: { id: 'th-1', name: 'Trường 1' }, collector, ...(await makeKeyPair()) };
}

export const sampleOf = (index: number, values: Sample['values'] = {}): Sample => ({
  probe: 'counting',
  target: `t-${index}`,
  at: '2026-11-24T04:00:00.000Z',
  ok: true,
  reason: null,
  values: { index, ...values },
});

export const reportOf = (id: string, agent: string, samples: Sample[] = [sampleOf(0)]): Report => ({
  id,
  agent,
  createdAt: '2026-11-24T04:00:00.000Z',
  samples,
  health: {
    version: '0.1.0',
    startedAt: '2026-11-24T04:00:00.000Z',
    queued: 1,
    setAside: 0,
    failedRuns: 0,
    everySeconds: { counting: 1 },
  },
});

/** Waits until `holds` gives something truthy, looking every few milliseconds; fails loudly after `withinMs`. */
export async function until<T>(what: string, holds: () => T | Promise<T>, withinMs = 60_000): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await holds();
    if (found) return found as NonNullable<T>;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
