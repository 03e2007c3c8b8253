import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../../shared/wire/machine.ts';
import { type Config, ConfigError } from '../config.ts';
import { keepLogsFew } from '../old-logs.ts';
import { takeLock } from '../process-lock.ts';
import { loadIdentity } from '../uplink/identity.ts';
import { ownIdentity } from '../uplink/self-enrol.ts';
import { serve } from '../uplink/service.ts';
import { WRONG_ROLE } from '../uplink/site-enrol.ts';
import { type Call, EXIT, machineOf } from './call.ts';

/** By schedule until the end; what an endpoint and a site differ in before it begins. */
export async function run(call: Call): Promise<number> {
  const { config, log, probes, signal, stdout, timings } = call;
  if (config.role === 'site' && config.localPage === false) await requireEnrolment(config);
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(path.join(config.dataDir, 'run.lock'), 'run');
  keepLogsFew(path.join(path.dirname(config.file), 'logs'), signal);
  try {
    const say = (line: string) => stdout(`${line}\n`);
    const options = { config, log, say, signal, ...(timings === undefined ? {} : { timings }) };
    if (config.role === 'site') {
      const { serveSite } = await import('../local-page/serve-with-page.ts');
      return exitOf(await serveSite({ ...options, probes, enrolWaits: call.enrolWaits }));
    }
    const machine = await machineOf(call);
    const identity = await endpointIdentity(call, machine, say);
    return identity ? exitOf(await serve({ ...options, identity, machine })) : EXIT.done;
  } finally {
    lock.release();
  }
}

const exitOf = (end: 'ended' | 'upgraded') => (end === 'upgraded' ? EXIT.upgraded : EXIT.done);

/** Without a page nobody could bring a code later. */
async function requireEnrolment(config: Config): Promise<void> {
  if (config.code !== undefined && config.collector !== undefined) return;
  const identity = await loadIdentity(config.dataDir);
  if (identity?.target !== undefined) throw new ConfigError(config.file, '/role', WRONG_ROLE);
  if (!identity)
    throw new ConfigError(config.file, '', 'máy này chưa ghi danh: chạy lệnh enroll với mã của Phòng/Sở trước');
}

function endpointIdentity({ config, log, signal, enrolWaits }: Call, machine: Machine, say: (line: string) => void) {
  const { dataDir, collector, code } = config;
  const waits = enrolWaits === undefined ? {} : { waits: enrolWaits };
  return ownIdentity({ dataDir, collector, code, machine, log, say, signal, ...waits });
}
