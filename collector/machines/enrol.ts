import { randomInt } from 'node:crypto';
import { v7 as uuidv7 } from 'uuid';
import { isNameless, likeness, type Machine, renewed, sameMachine } from '../../shared/wire/machine.ts';
import type { EnrolRequest } from '../../shared/wire/report.ts';
import { Problem } from '../api/errors.ts';
import { record } from '../audit/audit.ts';
import type { Store } from '../store/sqlite.ts';
import { linkByItself } from './link.ts';

/**
 * Enrolment of a school's PC: the machine is found again by its hardware or made, a new agent speaks for it from now on,
 * and the one that did before is `replaced`. A PC whose disk is restored at each start comes here at each start.
 */

/** More in 24 hours is no PC that is switched on. */
const MAX_ENROLMENTS_A_DAY = 48;
const DAY_MS = 24 * 3600 * 1000;
/** Without 0, 1, o, l and vowels: no words, nothing to misread on a label. */
const ID_LETTERS = '23456789bcdfghjkmnpqrstvwxz';

export interface EndpointEnrolment extends Pick<EnrolRequest, 'hostname' | 'version' | 'formerAgent'> {
  schoolId: string;
  /** The code's id and how many machines it may enrol. */
  codeId: string;
  maxMachines: number;
  /** JSON JWK. */
  publicKey: string;
  machine: Machine;
  /** Epoch ms. */
  at: number;
}

interface Known {
  id: string;
  hostname: string;
  firstAt: number;
  lastReportAt: number | null;
  cloneOf: string | null;
  parts: Machine;
}

/** Call it inside a transaction. Throws Problem `code-full` or `enrol-often`, and then nothing was written. */
export async function enrolEndpoint(
  write: Store,
  given: EndpointEnrolment,
): Promise<{ agentId: string; machineId: string }> {
  const { schoolId, codeId, machine, hostname, at } = given;
  const known = await machinesOf(write, schoolId);
  const found = findMachine(known, machine, hostname);
  const answered = found && (await answeredBefore(write, found.id, given));
  if (found && answered) return { agentId: answered, machineId: found.id };
  await requireRoom(write, given, found?.id);
  const former = await formerMachine(write, given, known);
  const machineId = found?.id ?? newMachineId();
  const parts = JSON.stringify(found ? renewed(found.parts, machine) : machine);
  // The machine that was there first is the one that was copied.
  const cloneOf = former && former.id !== machineId && former.firstAt <= (found?.firstAt ?? at) ? former.id : null;
  if (found) {
    await write
      .updateTable('machine')
      .set(({ eb }) => ({
        parts,
        hostname,
        enrolments: eb('enrolments', '+', 1),
        clone_of: found.cloneOf ?? cloneOf,
      }))
      .where('id', '=', machineId)
      .execute();
    await write
      .updateTable('agent')
      .set({ status: 'replaced', replaced_at: at })
      .where('machine_id', '=', machineId)
      .where('status', '=', 'active')
      .execute();
  } else
    await write
      .insertInto('machine')
      .values({
        id: machineId,
        school_id: schoolId,
        parts,
        hostname,
        first_at: at,
        last_report_at: null,
        enrolments: 1,
        clone_of: cloneOf,
        linked_by: null,
      })
      .execute();
  const agentId = uuidv7();
  await write
    .insertInto('agent')
    .values({
      id: agentId,
      school_id: schoolId,
      public_key: given.publicKey,
      hostname,
      version: given.version,
      status: 'active',
      enrolled_at: at,
      last_report_at: null,
      clock_offset_ms: null,
      health: null,
      kind: 'endpoint',
      machine_id: machineId,
      code_id: codeId,
    })
    .execute();
  // Enrolments of a known machine are counted, not logged: a restored disk makes one at each start.
  if (!found) {
    const subject = `school/${schoolId}/machine/${machineId}`;
    const after = { hostname, code: codeId, ...(cloneOf === null ? {} : { cloneOf }) };
    await record(write, { by: null, action: 'machine.enrolled', subject, before: null, after }, at);
  }
  await linkByItself(write, machineId, at);
  return { agentId, machineId };
}

async function machinesOf(write: Store, schoolId: string): Promise<Known[]> {
  const rows = await write.selectFrom('machine').selectAll().where('school_id', '=', schoolId).execute();
  return rows.map((row) => ({
    id: row.id,
    hostname: row.hostname,
    firstAt: row.first_at,
    lastReportAt: row.last_report_at,
    cloneOf: row.clone_of,
    parts: JSON.parse(row.parts) as Machine,
  }));
}

/** The one that most speaks for. A PC that tells nothing of its hardware is known by its name, among others of that kind. */
function findMachine(known: readonly Known[], machine: Machine, hostname: string): Known | undefined {
  const name = hostname.toLowerCase();
  const candidates = isNameless(machine)
    ? known.filter((one) => isNameless(one.parts) && one.hostname.toLowerCase() === name)
    : known.filter((one) => sameMachine(one.parts, machine));
  return candidates.sort(
    (a, b) => likeness(b.parts, machine) - likeness(a.parts, machine) || (b.lastReportAt ?? 0) - (a.lastReportAt ?? 0),
  )[0];
}

/** The agent of this machine whose first answer was lost on the way: it asks again with the same code and the same key. */
async function answeredBefore(write: Store, machineId: string, { publicKey, codeId }: EndpointEnrolment) {
  const agent = await write
    .selectFrom('agent')
    .select('id')
    .where('machine_id', '=', machineId)
    .where('status', '=', 'active')
    .where('public_key', '=', publicKey)
    .where('code_id', '=', codeId)
    .executeTakeFirst();
  return agent?.id;
}

async function requireRoom(
  write: Store,
  { codeId, maxMachines, at }: EndpointEnrolment,
  machineId: string | undefined,
) {
  const counted = await write
    .selectFrom('agent')
    .select(({ fn }) => fn.count<number>('machine_id').distinct().as('n'))
    .where('code_id', '=', codeId)
    .where('machine_id', '!=', machineId ?? '')
    .executeTakeFirstOrThrow();
  if (counted.n >= maxMachines)
    throw new Problem(
      'code-full',
      `mã này đã ghi danh đủ ${maxMachines} máy: xin Phòng/Sở mã mới hoặc mã cho nhiều máy hơn`,
    );
  if (machineId === undefined) return;
  const today = await write
    .selectFrom('agent')
    .select(({ fn }) => fn.countAll<number>().as('n'))
    .where('machine_id', '=', machineId)
    .where('enrolled_at', '>', at - DAY_MS)
    .executeTakeFirstOrThrow();
  if (today.n >= MAX_ENROLMENTS_A_DAY)
    throw new Problem(
      'enrol-often',
      `máy này đã ghi danh ${today.n} lần trong 24 giờ: xem hai máy có bị coi là một không`,
    );
}

async function formerMachine(write: Store, { formerAgent, schoolId }: EndpointEnrolment, known: readonly Known[]) {
  if (formerAgent === undefined) return undefined;
  const agent = await write
    .selectFrom('agent')
    .select('machine_id')
    .where('id', '=', formerAgent)
    .where('school_id', '=', schoolId)
    .executeTakeFirst();
  return known.find(({ id }) => id === agent?.machine_id);
}

const newMachineId = () => `may-${Array.from({ length: 10 }, () => ID_LETTERS[randomInt(ID_LETTERS.length)]).join('')}`;
