import type { Probe } from '../probe.ts';
import { pingWorks } from './icmp.ts';
import { addressesIn, MOST_IN_RANGE } from './ranges.ts';
import { reach } from './reach.ts';
import { measureRound } from './round.ts';
import { Config, type Target } from './target.ts';

/** Whether a device is on the network: by ICMP, else by TCP, where a refusal is an answer, else by ARP on the own link. */
export const lanReach: Probe<Config, Target> = {
  name: 'lan-reach',
  schema: Config,
  everySeconds: 300,
  deadlineMs: 15_000,
  heavy: false,
  concurrency: 16,
  targets: (config) => config.targets,
  run: (target, _config, context) => reach(target, context.signal),
  round: measureRound,
  doctor: async ({ targets, ranges = [] }) => [
    ...(targets.some((target) => target.icmp !== false && !target.service) && !(await pingWorks())
      ? ['lan-reach: máy này thiếu chương trình ping (Debian/Ubuntu: apt install iputils-ping); chỉ đo bằng TCP và ARP']
      : []),
    ...ranges
      .filter((range) => addressesIn(range).length === 0)
      .map((range) => `lan-reach: dải ${range} không đúng: cần hai địa chỉ IPv4, không quá ${MOST_IN_RANGE} địa chỉ`),
    ...sharedMacs(targets),
  ],
};

/** Two devices cannot have one MAC address: one of them would be seen wherever the other is. */
function sharedMacs(targets: readonly Target[]): string[] {
  const byMac = Map.groupBy(
    targets.filter(({ mac }) => mac !== undefined),
    ({ mac }) => mac!,
  );
  return [...byMac]
    .filter(([, sharing]) => sharing.length > 1)
    .map(
      ([mac, sharing]) =>
        `lan-reach: ${sharing.map(({ id }) => id).join(', ')} cùng ghi một MAC ${mac}: sửa lại MAC của từng máy`,
    );
}
