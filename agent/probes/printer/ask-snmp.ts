import snmp from 'net-snmp';
import type { Reason } from '../probe.ts';
import { levelPercent, MAX_SUPPLIES, type PrinterState, printable, type Supply } from './printer-state.ts';
import { reasonsOfBits } from './reasons.ts';
import { openSnmp } from './snmp-session.ts';

/** SNMP of a printer: `address` is an IP address, `community` is never part of what is answered here. */
export interface SnmpAddress {
  address: string;
  port: number;
  community: string;
}
export type SnmpVersion = '2c' | '1';
export interface SnmpState extends PrinterState {
  snmpVersion: SnmpVersion;
  /** sysName: what its owner called it. */
  name: string | null;
}
export type SnmpFailure = { reason: Reason; message: string };

const OID = {
  sysDescr: '1.3.6.1.2.1.1.1.0', // RFC 3418
  sysName: '1.3.6.1.2.1.1.5.0',
  hrDeviceStatus: '1.3.6.1.2.1.25.3.2.1.5', // RFC 2790, by hrDeviceIndex
  hrPrinterStatus: '1.3.6.1.2.1.25.3.5.1.1',
  hrPrinterDetectedErrorState: '1.3.6.1.2.1.25.3.5.1.2',
  supplyDescription: '1.3.6.1.2.1.43.11.1.1.6', // RFC 3805, prtMarkerSupplies, by hrDeviceIndex and its own
  supplyMax: '1.3.6.1.2.1.43.11.1.1.8',
  supplyLevel: '1.3.6.1.2.1.43.11.1.1.9',
} as const;
const ANSWER_MS = 700;
/** From the first question to the last answer, both versions. */
const WHOLE_MS = 4_000;

/**
 * State and supplies by SNMP v2c, else v1 (`first` names the one that answered before). Asks with GET and GETNEXT only,
 * which every agent knows. Never throws for what the printer does, ends within WHOLE_MS.
 */
export async function askSnmp(
  printer: SnmpAddress,
  outer: AbortSignal,
  first: SnmpVersion = '2c',
): Promise<SnmpState | SnmpFailure> {
  const signal = AbortSignal.any([outer, AbortSignal.timeout(WHOLE_MS)]);
  let failure: SnmpFailure = { reason: 'timeout', message: 'SNMP: no answer' };
  for (const version of first === '2c' ? (['2c', '1'] as const) : (['1', '2c'] as const)) {
    const session = openSession(printer, version, signal);
    try {
      return await readPrinter(session, version);
    } catch (error) {
      if (!(error instanceof SnmpError)) throw error;
      if (error.reason !== 'timeout' || failure.reason === 'timeout')
        failure = { reason: error.reason, message: `SNMP: ${error.message}` };
    } finally {
      session.close();
    }
    if (signal.aborted) break;
  }
  return failure;
}

class SnmpError extends Error {
  override name = 'SnmpError';
  readonly reason: Reason;
  constructor(reason: Reason, message: string) {
    super(message);
    this.reason = reason;
  }
}

async function readPrinter(session: Session, snmpVersion: SnmpVersion): Promise<SnmpState> {
  const [description, name] = await session.get([OID.sysDescr, OID.sysName]);
  const row = await session.next([OID.hrPrinterStatus, OID.hrPrinterDetectedErrorState], '');
  const [status, errors] = row?.values ?? [];
  const [device] = row ? await session.get([`${OID.hrDeviceStatus}.${row.index}`]) : [];
  return {
    model: textOf(description) || null,
    name: textOf(name) || null,
    state: stateOf(device, status),
    reasons: errors instanceof Uint8Array ? reasonsOfBits(errors) : [],
    supplies: await readSupplies(session),
    snmpVersion,
  };
}

/** RFC 2790, 4: the table at hrPrinterStatus says which pairs mean what. */
function stateOf(device: Value, printer: Value): PrinterState['state'] {
  const [OTHER, IDLE, PRINTING, WARMUP] = [1, 3, 4, 5];
  const [RUNNING, DOWN] = [2, 5];
  if (printer === WARMUP) return 'processing';
  if (device === DOWN) return 'stopped';
  if (printer === IDLE) return 'idle';
  if (printer === PRINTING) return 'processing';
  return device === RUNNING && printer === OTHER ? 'idle' : null; // standby
}

async function readSupplies(session: Session): Promise<Supply[]> {
  const supplies: Supply[] = [];
  let index = '';
  while (supplies.length < MAX_SUPPLIES) {
    const row = await session.next([OID.supplyLevel, OID.supplyMax, OID.supplyDescription], index);
    if (!row) break;
    index = row.index;
    const [level, max, description] = row.values;
    supplies.push({ name: textOf(description) || `#${supplies.length + 1}`, levelPercent: levelPercent(level, max) });
  }
  return supplies;
}

type Value = string | number | Uint8Array | null | undefined;

const textOf = (value: Value): string =>
  value instanceof Uint8Array ? printable(Buffer.from(value.subarray(0, 512)).toString('utf8')) : '';

interface Session {
  /** Values in the order asked; null for what the agent does not have. */
  get(oids: string[]): Promise<Value[]>;
  /**
   * The row after `index` of a table ('' for the first): index and value of the first column, of the others the value
   * where they have that row. Null at the end of the column, or where the agent goes back instead of on.
   */
  next(columns: string[], index: string): Promise<{ index: string; values: Value[] } | null>;
  close(): void;
}

function openSession({ address, port, community }: SnmpAddress, version: SnmpVersion, signal: AbortSignal): Session {
  const { session, isGarbled, close } = openSnmp(address, community, {
    version: version === '1' ? snmp.Version1 : snmp.Version2c,
    port,
    timeout: ANSWER_MS,
    retries: 1,
  });

  const ask = (kind: 'get' | 'getNext', oids: string[]) =>
    new Promise<{ oid: string; value: Value }[]>((resolve, reject) => {
      // Its own error messages carry the community, so none is passed on.
      const onAbort = () => reject(silence());
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) return onAbort();
      session[kind](oids, (error, found) => {
        signal.removeEventListener('abort', onAbort);
        if (!error) {
          if (!Array.isArray(found) || found.length !== oids.length)
            return reject(new SnmpError('malformed', 'answer'));
          return resolve(found.map((one) => ({ oid: String(one.oid), value: readValue(one) })));
        }
        if (error instanceof snmp.RequestFailedError) {
          const { status } = error as unknown as { status?: number };
          // noSuchName (2): v1 has no other way to say that something is not there (RFC 1157, 4.1.2).
          if (status === 2) return resolve(oids.map((oid) => ({ oid, value: null })));
          const refused = status === 16 || status === 6; // authorizationError, noAccess (RFC 3416, 3)
          return reject(new SnmpError(refused ? 'auth' : 'failed', `error status ${status}`));
        }
        reject((error as Error).name === 'RequestTimedOutError' ? silence() : new SnmpError('malformed', 'answer'));
      });
    });
  const silence = () =>
    isGarbled() ? new SnmpError('malformed', 'answer cannot be read') : new SnmpError('timeout', 'no answer');

  return {
    get: async (oids) => {
      const found = await ask('get', oids);
      return found.map(({ oid, value }, at) => (oid === oids[at] ? value : null));
    },
    next: async (columns, index) => {
      const found = await ask(
        'getNext',
        columns.map((column) => (index === '' ? column : `${column}.${index}`)),
      );
      const indexes = found.map(({ oid, value }, at) =>
        value !== null && oid.startsWith(`${columns[at]}.`) ? oid.slice(columns[at]!.length + 1) : null,
      );
      const [row] = indexes;
      if (row === null || row === undefined || !isAfter(row, index)) return null;
      return { index: row, values: found.map(({ value }, at) => (indexes[at] === row ? value : null)) };
    },
    close,
  };
}

/** noSuchObject, noSuchInstance and endOfMibView stand in a value's place (RFC 3416, 3). */
function readValue(one: { type?: number; value?: unknown }): Value {
  if (snmp.isVarbindError(one as never)) return null;
  return typeof one.value === 'number' || one.value instanceof Uint8Array ? one.value : null;
}

/** Whether index `a` comes after `b` in a table's order (RFC 3416, 4.2.2). */
function isAfter(a: string, b: string): boolean {
  if (b === '') return true;
  const [one, other] = [a.split('.').map(Number), b.split('.').map(Number)];
  for (let at = 0; at < one.length; at++) {
    if (at >= other.length) return true;
    if (one[at] !== other[at]) return one[at]! > other[at]!;
  }
  return false;
}
