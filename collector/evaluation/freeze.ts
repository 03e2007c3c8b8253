import { createHash } from 'node:crypto';
import type { JWK } from 'jose';
import { type Calendar, dateOf } from '../../shared/calendar.ts';
import type { Edition } from '../../shared/rubric/edition.ts';
import type { ManualFinding, MeasuredFinding } from '../api/schemas/finding.ts';
import type { SheetAnswer } from '../api/schemas/scoresheet.ts';
import type { Measured } from '../compliance/facts.ts';
import { schoolContext } from '../compliance/service.ts';
import type { Store } from '../store/sqlite.ts';
import { entriesOf } from './entries.ts';
import { type EvaluationRow, editionOf, judgeMeasured, measuredInWindow } from './period.ts';
import { scoreSheet, sheetSchool } from './sheet.ts';

/**
 * A locked sheet with everything that it came from but the reports themselves, which stay in the store and of which it
 * keeps the digest: whoever has both computes the same points for ever, without today's code or policy.
 */
export interface FrozenSheet {
  version: 1;
  evaluation: { id: string; name: string; from: string; to: string };
  lockedAt: string;
  edition: Edition;
  school: SheetAnswer['school'];
  calendar: Calendar;
  /** What the rules read beside the samples. */
  facts: Pick<Measured, 'now' | 'periods' | 'policy' | 'rooms' | 'assets'> & {
    firstHeard: Record<string, number>;
    openSince: Record<string, number>;
  };
  /** Public keys of the agents whose reports count. */
  agents: Record<string, JWK>;
  /** The reports with samples of the window: how many, and SHA-256 over their ids, digests and times of receipt in order of id. */
  reports: { count: number; digest: string };
  /** How many samples of each series were judged, and between which moments. */
  statistics: { probe: string; target: string; samples: number; from: string; to: string }[];
  measured: MeasuredFinding[];
  entries: ManualFinding[];
  sheet: SheetAnswer;
}

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Freezes one school's sheet as it stands at `now`. Answers the text that is kept and its digest. */
export async function freeze(
  store: Store,
  row: EvaluationRow,
  schoolId: string,
  now: number,
): Promise<{ body: string; digest: string }> {
  const context = await schoolContext(store, schoolId);
  if (!context) throw new Error(`school ${schoolId} is gone`);
  const measured = await measuredInWindow(store, row, context, now);
  const findings = judgeMeasured(row.id, measured);
  const entries = (await entriesOf(store, [schoolId], row.id)).map(({ schoolId: _, ...entry }) => entry);
  const edition = editionOf(row);
  const { samples, firstHeard, openSince, now: at, periods, policy, rooms, assets } = measured;
  const ids = [...new Set(samples.map((sample) => sample.reportId))];
  const agentIds = [...new Set(samples.map((sample) => sample.agentId))];
  const agents = await store
    .selectFrom('agent')
    .select(['id', 'public_key'])
    .where('school_id', '=', schoolId)
    .execute();
  const school = sheetSchool(context);
  const frozen: FrozenSheet = {
    version: 1,
    evaluation: { id: row.id, name: row.name, from: dateOf(row.from_at), to: dateOf(row.to_at - 1) },
    lockedAt: new Date(now).toISOString(),
    edition,
    school,
    calendar: context.calendar,
    facts: {
      now: at,
      periods,
      policy,
      rooms,
      assets,
      firstHeard: Object.fromEntries(firstHeard ?? []),
      openSince: Object.fromEntries(openSince ?? []),
    },
    agents: Object.fromEntries(
      agents.filter(({ id }) => agentIds.includes(id)).map(({ id, public_key }) => [id, JSON.parse(public_key) as JWK]),
    ),
    reports: await digestOfReports(store, ids),
    statistics: statistics(measured),
    measured: findings,
    entries,
    sheet: scoreSheet({ edition, school, measured: findings, manual: entries, asOf: now }),
  };
  const body = JSON.stringify(frozen);
  return { body, digest: digestOf(body) };
}

const CHUNK = 500;

/** Count and digest of these reports as the store holds them. */
export async function digestOfReports(store: Store, ids: readonly string[]): Promise<FrozenSheet['reports']> {
  const sorted = [...ids].sort();
  const hash = createHash('sha256');
  let count = 0;
  for (let index = 0; index < sorted.length; index += CHUNK) {
    const rows = await store
      .selectFrom('report')
      .select(['id', 'digest', 'received_at'])
      .where('id', 'in', sorted.slice(index, index + CHUNK))
      .orderBy('id')
      .execute();
    for (const { id, digest, received_at } of rows) hash.update(`${id} ${digest} ${received_at}\n`);
    count += rows.length;
  }
  return { count, digest: hash.digest('hex') };
}

function statistics({ samples }: Measured): FrozenSheet['statistics'] {
  const groups = Map.groupBy(samples, ({ probe, target }) => `${probe}\n${target}`);
  return [...groups.values()].map((group) => {
    const times = group.map(({ at }) => at).sort((a, b) => a - b);
    const { probe, target } = group[0]!;
    const iso = (at: number) => new Date(at).toISOString();
    return { probe, target, samples: group.length, from: iso(times[0]!), to: iso(times.at(-1)!) };
  });
}
