import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Machine } from '../../shared/wire/machine.ts';
import { type Config, ConfigError } from '../config.ts';
import { keepLogsFew } from '../old-logs.ts';
import { takeLock } from '../process-lock.ts';
import { type Identity, loadIdentity } from '../uplink/identity.ts';
import { ownIdentity } from '../uplink/self-enrol.ts';
import { serve } from '../uplink/service.ts';
import { type Call, EXIT, machineOf } from './call.ts';

/** By schedule until the end; what an endpoint, a site, and a site with a page differ in before it begins. */
export async function run(call: Call): Promise<number> {
  const { config, log, probes, signal, stdout, timings } = call;
  const enrolled = config.role === 'site' && config.localPage === false ? await siteIdentity(config) : null;
  await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = await takeLock(path.join(config.dataDir, 'run.lock'), 'run');
  keepLogsFew(path.join(path.dirname(config.file), 'logs'), signal);
  try {
    const say = (line: string) => stdout(`${line}\n`);
    const options = { config, log, say, signal, ...(timings === undefined ? {} : { timings }) };
    if (config.localPage !== false) {
      const { serveWithPage } = await import('../local-page/serve-with-page.ts');
      return exitOf(await serveWithPage({ ...options, probes }, config.localPage.port));
    }
    const machine = enrolled ? undefined : await machineOf(call);
    const identity = enrolled ?? (await endpointIdentity(call, machine!, say));
    return identity ? exitOf(await serve({ ...options, identity, machine })) : EXIT.done;
  } finally {
    lock.release();
  }
}

const exitOf = (end: 'ended' | 'upgraded') => (end === 'upgraded' ? EXIT.upgraded : EXIT.done);

async function siteIdentity(config: Config): Promise<Identity> {
  const identity = await loadIdentity(config.dataDir);
  if (identity?.target !== undefined)
    throw new ConfigError(
      config.file,
      '/role',
      'máy này đã ghi danh là máy tính ("endpoint"): ghi danh lại bằng mã của máy đo',
    );
  if (identity) return identity;
  throw new ConfigError(config.file, '', 'máy này chưa ghi danh: chạy lệnh enroll với mã của Phòng/Sở trước');
}

function endpointIdentity({ config, log, signal, enrolWaits }: Call, machine: Machine, say: (line: string) => void) {
  const { dataDir, collector, code } = config;
  const waits = enrolWaits === undefined ? {} : { waits: enrolWaits };
  return ownIdentity({ dataDir, collector, code, machine, log, say, signal, ...waits });
}
