import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { DISCOVERY_PROBE } from '../../shared/wire/discovery.ts';
import { type Acknowledgement, RefusedError, type Report, type Sample } from '../../shared/wire/report.ts';
import { claimedAgent, verifyReport } from '../../shared/wire/signature.ts';
import type { FirstMeasured } from '../api/schemas/installation.ts';
import { forgetRollups } from '../compliance/rollup-cache.ts';
import { keepProposals } from '../inventory/keep-proposals.ts';
import { heardOf, requireOwnMachine } from '../machines/speaks.ts';
import { releaseFor } from '../releases/rollout.ts';
import type { Store } from '../store/sqlite.ts';

/** From signed bytes to stored samples: verify, validate, store, acknowledge after the commit. */

/** Reports of one commit. Larger commits gain little and make the first of them wait longer. */
const MAX_BATCH = 100;
/** Rows of one insert statement: well below SQLite's limit of 32,766 bound values. */
const ROWS_PER_INSERT = 500;

interface Verified {
  report: Report;
  jws: string;
  digest: string;
  schoolId: string;
  /** The PC that an endpoint speaks for. */
  machineId: string | null;
  /** Nothing was heard of the agent before. */
  isFirst: boolean;
  receivedAt: number;
}
interface Waiting extends Verified {
  done(stored: Acknowledgement['stored']): void;
  failed(error: unknown): void;
}

export class Ingest {
  readonly #store: Store;
  readonly #stored: (schoolId: string, isFirst: boolean) => void;
  readonly #now: () => number;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | undefined;

  /** `stored` is told the school of every new report, after its commit, and whether it is the first of its agent. */
  constructor(store: Store, stored: (schoolId: string, isFirst: boolean) => void, now: () => number = Date.now) {
    this.#store = store;
    this.#stored = stored;
    this.#now = now;
  }

  /**
   * Takes one signed report. Resolves once it is on disk; the same bytes again resolve as `duplicate`.
   * Throws RefusedError, and then nothing was stored.
   */
  async take(jws: string): Promise<Acknowledgement> {
    const agentId = claimedAgent(jws);
    const agent = await this.#store.selectFrom('agent').selectAll().where('id', '=', agentId).executeTakeFirst();
    if (!agent) throw new RefusedError('agent-unknown', `không có tác tử ${agentId}: đăng ký lại tác tử ở máy này`);
    const report = await verifyReport(jws, agentId, JSON.parse(agent.public_key) as JWK);
    // Only after the signature: whoever does not hold the key learns nothing about the agent's standing.
    if (agent.status === 'revoked')
      throw new RefusedError('agent-revoked', 'tác tử đã bị thu hồi: xin mã cài đặt mới rồi đăng ký lại');
    const receivedAt = this.#now();
    if (agent.kind === 'endpoint') await requireOwnMachine(this.#store, agent, report, receivedAt);
    const digest = createHash('sha256').update(jws).digest('hex');
    const { school_id: schoolId, machine_id: machineId } = agent;
    const isFirst = agent.last_report_at === null;
    const stored = await this.#commit({ report, jws, digest, schoolId, machineId, isFirst, receivedAt });
    const version = await releaseFor(this.#store, { id: agentId, schoolId, runs: report.health.version });
    const serverTime = new Date(receivedAt).toISOString();
    return { id: report.id, stored, serverTime, ...(version === null ? {} : { release: { version } }) };
  }

  /** Resolves when nothing waits to be written. */
  async idle(): Promise<void> {
    while (this.#writing) await this.#writing;
  }

  #commit(verified: Verified): Promise<Acknowledgement['stored']> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ ...verified, done: resolve, failed: reject });
      this.#writing ??= this.#write().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** Group commit: the reports that arrived while the last transaction was syncing share the next one. */
  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      const error = await this.#settle(batch);
      if (error === undefined) continue;
      // One report that the store will not take must not cost the others of its commit theirs.
      for (const waiting of batch) {
        const own = batch.length === 1 ? error : await this.#settle([waiting]);
        if (own !== undefined) waiting.failed(own);
      }
    }
  }

  /** Writes the batch in one commit and answers each of it; on an error nothing was written, nobody answered. */
  async #settle(batch: readonly Waiting[]): Promise<unknown> {
    let results: (Acknowledgement['stored'] | 'conflict')[];
    try {
      results = await this.#writeBatch(batch);
    } catch (error) {
      return error ?? new Error('the store failed without a reason');
    }
    for (const [index, waiting] of batch.entries()) {
      const result = results[index]!;
      if (result === 'conflict') waiting.failed(new RefusedError('report-conflict', 'đã có báo cáo khác mang cùng mã'));
      else {
        if (result === 'new') this.#stored(waiting.schoolId, waiting.isFirst);
        waiting.done(result);
      }
    }
    return undefined;
  }

  #writeBatch(batch: readonly Waiting[]): Promise<(Acknowledgement['stored'] | 'conflict')[]> {
    return this.#store.transaction().execute(async (write) => {
      const results: (Acknowledgement['stored'] | 'conflict')[] = [];
      for (const { report, jws, digest, schoolId, machineId, receivedAt } of batch) {
        const inserted = await write
          .insertInto('report')
          .values({
            id: report.id,
            agent_id: report.agent,
            school_id: schoolId,
            created_at: Date.parse(report.createdAt),
            received_at: receivedAt,
            digest,
            jws,
          })
          .onConflict((conflict) => conflict.column('id').doNothing())
          .executeTakeFirst();
        if (!inserted.numInsertedOrUpdatedRows) {
          const before = await write
            .selectFrom('report')
            .select('digest')
            .where('id', '=', report.id)
            .executeTakeFirst();
          results.push(before?.digest === digest ? 'duplicate' : 'conflict');
          continue;
        }
        await storeSamples(write, report, schoolId);
        await keepProposals(write, report, schoolId);
        await forgetRollups(write, schoolId, report.samples);
        if (machineId !== null) await heardOf(write, machineId, report, receivedAt);
        await write
          .updateTable('agent')
          .set(({ fn, val }) => ({
            last_report_at: receivedAt,
            first_report_at: fn.coalesce('first_report_at', val(receivedAt)),
            first_measured: fn.coalesce('first_measured', val(firstMeasured(report))),
            clock_offset_ms: Date.parse(report.createdAt) - receivedAt,
            version: report.health.version,
            health: JSON.stringify(report.health),
          }))
          .where('id', '=', report.agent)
          .execute();
        results.push('new');
      }
      return results;
    });
  }
}

/** One spelling for letters that have two (NFC): the inventory is kept the same way. */
export const targetOf = ({ target }: Pick<Sample, 'target'>): string => target.normalize('NFC').trim();

/** JSON FirstMeasured; null of a report without samples, so that a later one counts. */
function firstMeasured({ samples }: Report): string | null {
  const byProbe = Map.groupBy(samples, ({ probe }) => probe);
  const said = [...byProbe].map(([probe, own]) => ({
    probe,
    samples: own.length,
    ok: own.filter(({ ok }) => ok).length,
  }));
  return said.length === 0 ? null : JSON.stringify(said satisfies FirstMeasured);
}

async function storeSamples(write: Store, report: Report, schoolId: string): Promise<void> {
  const rows = report.samples.map((sample) => ({
    report_id: report.id,
    school_id: schoolId,
    probe: sample.probe,
    target: targetOf(sample),
    at: Date.parse(sample.at),
    ok: sample.ok ? 1 : 0,
    reason: sample.reason,
    values: JSON.stringify(sample.values),
  }));
  for (let index = 0; index < rows.length; index += ROWS_PER_INSERT)
    await write
      .insertInto('sample')
      .values(rows.slice(index, index + ROWS_PER_INSERT))
      .execute();
  const heard = new Map<string, { probe: string; target: string; first_at: number; last_at: number }>();
  for (const { probe, target, at } of rows) {
    // What was found is not measured: it is no series.
    if (probe === DISCOVERY_PROBE) continue;
    const key = `${probe}\n${target}`;
    const entry = heard.get(key) ?? { probe, target, first_at: at, last_at: at };
    heard.set(key, { ...entry, first_at: Math.min(entry.first_at, at), last_at: Math.max(entry.last_at, at) });
  }
  for (const entry of heard.values())
    await write
      .insertInto('series')
      .values({ school_id: schoolId, ...entry })
      .onConflict((conflict) =>
        conflict.columns(['school_id', 'probe', 'target']).doUpdateSet((eb) => ({
          first_at: eb
            .case()
            .when('series.first_at', '<', entry.first_at)
            .then(eb.ref('series.first_at'))
            .else(entry.first_at)
            .end(),
          last_at: eb
            .case()
            .when('series.last_at', '>', entry.last_at)
            .then(eb.ref('series.last_at'))
            .else(entry.last_at)
            .end(),
        })),
      )
      .execute();
}
