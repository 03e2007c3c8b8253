import type { Outcome, Reason, Values } from '../probe.ts';

/** What several looks at one device come to. Pure. */

export interface Look {
  /** Epoch ms. */
  at: number;
  /** Null: nobody can tell; `reason` says why. */
  answered: boolean | null;
  reason: Reason | null;
  /** What stands in the sample as it is: method, mac, port … */
  values: Values;
}

/** Echoes of ICMP, or handshakes of TCP, that were asked for their time. */
export interface Echoes {
  sent: number;
  /** Of those that came back, ms. */
  rttsMs: readonly number[];
}

/**
 * One sample of all looks, oldest first, at least one. `looks` holds a letter for each, `everySeconds` apart: 1 answered,
 * 0 did not, `-` unknown. `drops` counts the runs of misses between two answers.
 */
export function summarise(looks: readonly Look[], echoes: Echoes, everySeconds: number): Outcome {
  const letters = looks.map(({ answered }) => (answered === null ? '-' : answered ? '1' : '0')).join('');
  const known = looks.filter(({ answered }) => answered !== null);
  const answered = known.filter((look) => look.answered);
  const telling = answered.at(-1) ?? looks.at(-1)!;
  const values = {
    ...telling.values,
    looks: letters,
    everySeconds,
    sent: known.length,
    answered: answered.length,
    drops: letters.replaceAll('-', '').match(/(?<=1)0+(?=1)/g)?.length ?? 0,
    ...times(echoes),
  };
  if (answered.length > 0) return { ok: true, values };
  const missed = known.at(-1) ?? looks.at(-1)!;
  return { ok: false, reason: missed.reason ?? 'timeout', values };
}

function times({ sent, rttsMs }: Echoes): Values {
  if (sent === 0) return {};
  const round = (ms: number) => Math.round(ms * 1000) / 1000;
  const some = rttsMs.length > 0;
  return {
    echoes: { sent, answered: rttsMs.length },
    rttMs: some ? round(rttsMs.reduce((sum, ms) => sum + ms, 0) / rttsMs.length) : null,
    rttMinMs: some ? round(Math.min(...rttsMs)) : null,
    rttMaxMs: some ? round(Math.max(...rttsMs)) : null,
  };
}
