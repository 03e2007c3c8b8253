import { formatTime } from '../../shared/vietnamese.ts';
import { targeted } from '../config.ts';
import { keptFiles } from '../kept.ts';
import { Runner } from '../runner.ts';
import { onLine } from '../schedule/line.ts';
import { pausedUntil } from '../schedule/pause.ts';
import { collectorAccess } from '../uplink/collector-access.ts';
import { loadIdentity } from '../uplink/identity.ts';
import { type Call, EXIT, UsageError } from './call.ts';

/** Every configured probe once, or the one that is named; one after the other, so that they do not disturb each other. */
export async function once({ config, log, options, probes, stdout, stderr, signal }: Call): Promise<number> {
  const named = options.probe;
  const chosen = config.probes.filter(({ probe }) => named === undefined || probe.name === named);
  if (named !== undefined && chosen.length === 0)
    throw new UsageError(
      probes.some((probe) => probe.name === named)
        ? `phép đo "${named}" chưa được khai trong ${config.file} (/probes/${named})`
        : `không có phép đo "${named}"; có: ${probes.map((probe) => probe.name).join(', ')}`,
    );
  if (chosen.length === 0) stderr(`agent: chưa có gì để đo: ${config.file} chưa khai phép đo nào trong "probes"\n`);
  // A damaged identity keeps from sending, not from measuring.
  const identity = await loadIdentity(config.dataDir).catch(() => null);
  const paused = chosen.some(({ probe }) => probe.heavy) ? await pausedUntil(config.dataDir) : null;
  if (paused !== null)
    stderr(`agent: chú ý: phép đo thường trực đang tạm ngừng đến ${formatTime(paused)}, lệnh once vẫn đo\n`);
  const runner = new Runner(log, () => new Date(), {
    kept: keptFiles(config.dataDir, log),
    collector: () => collectorAccess(config, identity),
  });
  let broken = false;
  for (const { probe, config: own } of chosen) {
    if (probe.targets(targeted(config, own, identity)).length === 0)
      stderr(`agent: ${probe.name}: chưa khai thiết bị nào, không có gì để đo\n`);
    const done = await onLine(
      {
        dataDir: config.dataDir,
        probe,
        signal,
        onWait: ({ pid, what }) => stderr(`agent: ${probe.name}: chờ tiến trình ${pid} đo xong (${what})…\n`),
        onNoLock: ({ message }) =>
          stderr(`agent: ${probe.name}: không biết tác tử thường trực có đang đo không (${message})\n`),
      },
      () =>
        runner.run(probe, targeted(config, own, identity), {
          signal,
          onSample: (sample) => stdout(`${JSON.stringify(sample)}\n`),
        }),
    );
    if (signal.aborted) return EXIT.interrupted;
    if ('busy' in done)
      stderr(
        `agent: ${probe.name}: chưa đo, tiến trình ${done.busy.pid} vẫn đang dùng đường truyền: hãy thử lại sau\n`,
      );
    broken ||= 'busy' in done || done.result.some((sample) => sample.reason === 'internal');
  }
  return broken ? EXIT.failed : EXIT.done;
}
