import { readFound } from '../discovery/report-found.ts';
import { readStatus, type Status } from '../status.ts';
import type { EnrolState } from '../uplink/site-enrol.ts';
import { VERSION } from '../uplink/version.ts';
import type { Activity } from './live.ts';
import type { Row } from './rows.ts';
import { ownRange, type SearchState } from './search.ts';
import type { DoctorState, Site } from './site.ts';

/** `GET /api/state`: everything that the page shows, in one answer. No password is in it. */

export interface View {
  /** RFC 3339, this machine's clock. */
  now: string;
  version: string;
  /** `enrol`: nothing is measured until this machine is enrolled; `applying`: a change of the configuration takes hold. */
  phase: 'enrol' | 'running' | 'applying';
  configFile: string;
  identity: Status['identity'];
  /** How the enrolment by the configuration's code stands; null: there is none, or it is done. */
  enrolment: EnrolState | null;
  collector: string | null;
  lastAcknowledgement: Status['lastAcknowledgement'];
  clockOffsetMs: number | null;
  pending: number;
  pendingBytes: number;
  oldestPending: string | null;
  rejected: number;
  skippedReports: number;
  paused: Status['paused'];
  lastError: Status['lastError'];
  heavyPausedUntil: string | null;
  probes: ProbeView[];
  cameras: CameraView[];
  found: FoundView | null;
  search: SearchState | null;
  ownRange: string;
  doctor: DoctorState;
}

export interface ProbeView {
  name: string;
  everySeconds: number;
  /** By school hours, at drawn minutes. */
  bySchoolHours: boolean;
  heavy: boolean;
  targets: number;
  /** Of the last samples, those not ok first; at most MAX_ROWS. */
  rows: Row[];
  /** Targets with and without a result in order, of all. */
  inOrder: number;
  failed: number;
  activity: Activity | null;
  /** Its last turn measured nothing. */
  lastEnd: { at: string; how: 'paused' | 'busy' } | null;
}

export interface CameraView {
  id: string;
  address: string;
  username: string;
  hasPassword: boolean;
  row: Row | null;
}

export interface FoundView {
  at: string;
  devices: {
    address: string;
    mac: string | null;
    name: string | null;
    vendor: string | null;
    kind: string | null;
    proposedId: string;
    /** Measured already. */
    known: boolean;
  }[];
}

const MAX_ROWS = 500;
/** The spool is read again when its last reading is so many times as old as it took: 20,000 files are not read each second. */
const READ_SHARE = 20;
const READ_LEAST_MS = 1_000;

export interface Viewer {
  view(): Promise<View>;
  /** The next view reads everything anew: a person has just done something. */
  renew(): void;
}

/** Answers what stands at the moment; one for each site, because it keeps the last reading of the spool. */
export function viewer(site: Site): Viewer {
  let last: { status: Promise<Status>; until: number } | null = null;
  const status = () => {
    const startedAt = performance.now();
    if (last && last.until > startedAt) return last.status;
    const reading = { status: readStatus(site.config), until: startedAt + READ_LEAST_MS };
    const until = (): void => {
      const now = performance.now();
      reading.until = now + Math.max(READ_LEAST_MS, READ_SHARE * (now - startedAt));
    };
    reading.status.then(until, until);
    last = reading;
    return reading.status;
  };
  return {
    view: async () => viewOf(site, await status().catch(() => null), await found(site)),
    renew: () => {
      last = null;
    },
  };
}

function viewOf(site: Site, status: Status | null, foundView: FoundView | null): View {
  const { config, live } = site;
  return {
    now: new Date().toISOString(),
    version: VERSION,
    phase: site.isApplying ? 'applying' : live.isRunning ? 'running' : 'enrol',
    configFile: config.file,
    identity: status?.identity ?? null,
    enrolment: site.enrolment,
    collector: status?.collector ?? config.collector ?? null,
    lastAcknowledgement: status?.lastAcknowledgement ?? null,
    clockOffsetMs: status?.clockOffsetMs ?? null,
    pending: status?.pending ?? 0,
    pendingBytes: status?.pendingBytes ?? 0,
    oldestPending: status?.oldestPending ?? null,
    rejected: status?.rejected.length ?? 0,
    skippedReports: status?.skippedReports ?? 0,
    paused: status?.paused ?? null,
    lastError: status?.lastError ?? null,
    heavyPausedUntil: status?.heavyPausedUntil ?? null,
    probes: probeViews(site),
    cameras: cameraViews(site),
    found: foundView,
    search: site.search.state,
    ownRange: ownRange(),
    doctor: site.doctor,
  };
}

function probeViews({ config, live }: Site): ProbeView[] {
  return config.probes.map(({ probe, config: own, everySeconds, hours }) => {
    const targets = probe.targets(own) as { id: string }[];
    const rows = targets.flatMap(({ id }) => live.rowOf(probe.name, id) ?? []);
    const inOrder = rows.filter(({ ok }) => ok).length;
    return {
      name: probe.name,
      everySeconds,
      bySchoolHours: hours === 'school',
      heavy: probe.heavy,
      targets: targets.length,
      rows: rows.toSorted((one, other) => Number(one.ok) - Number(other.ok)).slice(0, MAX_ROWS),
      inOrder,
      failed: rows.length - inOrder,
      activity: live.activityOf(probe.name),
      lastEnd: live.lastEndOf(probe.name),
    };
  });
}

/** What a camera in the configuration may have, whichever probe reads it. */
interface CameraTarget {
  id: string;
  address: string;
  username?: string;
  password?: string;
}

function cameraViews({ config, live }: Site): CameraView[] {
  const camera = config.probes.find(({ probe }) => probe.name === 'camera');
  const targets = (camera?.probe.targets(camera.config) ?? []) as CameraTarget[];
  return targets.map(({ id, address, username = '', password = '' }) => ({
    id,
    address,
    username,
    hasPassword: password !== '',
    row: live.rowOf('camera', id),
  }));
}

async function found({ config }: Site): Promise<FoundView | null> {
  const last = await readFound(config.dataDir).catch(() => undefined);
  if (!last) return null;
  const known = new Set(
    config.probes.flatMap(({ probe, config: own }) => (probe.targets(own) as { id: string }[]).map(({ id }) => id)),
  );
  return {
    at: last.at,
    devices: last.found.map(({ address, mac, names, snmp, onvif, printer, vendor, kind, proposedId }) => ({
      address,
      mac,
      name: names.netbios ?? names.mdns ?? names.dns ?? snmp?.sysName ?? onvif?.name ?? printer,
      vendor,
      kind,
      proposedId,
      known: known.has(proposedId),
    })),
  };
}
