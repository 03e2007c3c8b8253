import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Facts, factsOf, withRollup } from '../../../collector/compliance/facts.ts';
import { findingOf, judged } from '../../../collector/compliance/finding.ts';
import { lineFacts } from '../../../collector/compliance/line-facts.ts';
import { decode, encode } from '../../../collector/compliance/rollup/codec.ts';
import { EMPTY, merge, type Rollup, rollDay, rollUp } from '../../../collector/compliance/rollup/rollup.ts';
import { rules } from '../../../collector/compliance/rules.ts';
import { wifiHosts } from '../../../collector/compliance/wifi-hosts.ts';
import { localDaysBetween } from '../../../shared/calendar.ts';
import { END, samplesOf, settingOf, traces } from './traces.ts';

const HOUR = 3_600_000;
const findings = (facts: Facts) => [
  ...rules.map((rule) => findingOf(rule, judged(rule, facts), facts, rule.id, 0)),
  ...facts.assets.filter(({ kind }) => kind === 'internet').map((line) => lineFacts(facts, line)),
];

/** Neighbours merged in twos and threes, again and again, as `cuts` say; some are written and read on the way. */
function mergeSomehow(days: readonly Rollup[], cuts: readonly number[]): Rollup {
  let parts = [...days];
  for (let turn = 0; parts.length > 1; turn++) {
    const at = cuts[turn % cuts.length]! % (parts.length - 1);
    const count = 2 + (cuts[turn % cuts.length]! % 3);
    const merged = merge(parts.slice(at, at + count));
    parts = [...parts.slice(0, at), turn % 4 === 0 ? decode(encode(merged)) : merged, ...parts.slice(at + count)];
  }
  return parts[0] ?? EMPTY;
}

test('judging rollups of days, merged in any grouping, equals judging everything in one go', () => {
  fc.assert(
    fc.property(traces, fc.array(fc.nat(1000), { minLength: 1, maxLength: 40 }), (trace, cuts) => {
      const setting = settingOf(trace);
      const samples = samplesOf(trace);
      const days = localDaysBetween(setting, setting.periods[0]!.from, END + 1).map((day) =>
        rollDay(
          samples.filter(({ at }) => at >= day.from && at < day.to),
          setting,
          day,
        ),
      );
      const whole = findings(factsOf(setting, samples));
      expect(findings(withRollup(setting, mergeSomehow(days, cuts)))).toEqual(whole);
      expect(findings(withRollup(setting, merge(days)))).toEqual(whole);
    }),
    { numRuns: 60 },
  );
});

test('the traces of that law make rules pass and fail', () => {
  const seen = new Set<string>();
  for (const trace of fc.sample(traces, { numRuns: 60, seed: 7 })) {
    const facts = factsOf(settingOf(trace), samplesOf(trace));
    for (const rule of rules) seen.add(`${rule.id} ${judged(rule, facts).state}`);
    if (wifiHosts(facts).isFault) seen.add('Wi-Fi bad on days');
    if (wifiHosts(facts).hosts.some(({ wifi }) => wifi.gatewayOut > 0)) seen.add('the gateway out by cable');
    for (const line of facts.assets.filter(({ kind }) => kind === 'internet')) {
      const { outages, switches, marked, spoilt, offHours, crossChecks } = lineFacts(facts, line);
      const { outage } = outages?.longest[0] ?? {};
      if (
        outage &&
        new Date(outage.first.at + 7 * HOUR).getUTCDate() !== new Date(outage.last.at + 7 * HOUR).getUTCDate()
      )
        seen.add('an outage over midnight');
      if ((outages?.count ?? 0) > 20) seen.add('more outages than are kept');
      if (switches.count > 0) seen.add('another line');
      if (marked.length > 1 && spoilt.length > 1) seen.add('marks and reasons');
      if (offHours && crossChecks.worst) seen.add('off hours and disagreement');
    }
  }
  expect(seen).toContain('III.2.2.a insufficient');
  for (const what of ['Wi-Fi bad on days', 'the gateway out by cable']) expect(seen).toContain(what);
  for (const what of ['an outage over midnight', 'more outages than are kept', 'another line'])
    expect(seen).toContain(what);
  for (const what of ['marks and reasons', 'off hours and disagreement']) expect(seen).toContain(what);
  for (const rule of ['III.2.1.a', 'III.2.2.a', 'III.2.2.b', 'III.3.1.a', 'III.3.1.b', 'III.3.2.a', 'III.3.2.b'])
    for (const state of ['pass', 'fail']) expect(seen, `${rule} ${state}`).toContain(`${rule} ${state}`);
});

test('an empty day, and what agents send against all sense, is written and read again', () => {
  expect(decode(encode(EMPTY))).toEqual(EMPTY);
  const setting = settingOf({ seed: 1, skew: [0, 0], noise: 0, nightsOn: true, troubles: [] });
  const odd = [null, '', 'x'.repeat(5000), 1.5, { state: {} }, [[]], '__proto__'];
  const samples = [
    'camera',
    'lan-reach',
    'printer',
    'internet-speed',
    'uplink',
    'antivirus',
    'wifi',
    'unheard-of',
  ].flatMap((probe) =>
    odd.map((value, index) => ({
      id: index + 1,
      reportId: String(value).slice(0, 40),
      agentId: 'a',
      receivedAt: 0,
      probe,
      target: '__proto__',
      at: setting.periods[3]!.from + index * 300_000,
      ok: index % 2 === 0,
      reason: index % 3 === 0 ? null : '',
      values: {
        state: value,
        products: value,
        lineMbps: value,
        valid: value,
        marks: [value],
        crossCheck: { lineMbps: value, differs: value, provider: value },
        gateway: { answered: value, mac: value },
        publicAddress: value,
        ...{ sent: value, answered: value, signalDbm: value, channel: value, roamed: value },
      },
    })),
  );
  const rolled = rollUp(samples, setting);
  const read = decode(encode(rolled));
  // Each rollup numbers its series in its own way.
  const withoutPlaces = ({ together, ...rest }: Rollup) => ({ ...rest, together: together.map(({ miss }) => miss) });
  expect(withoutPlaces(read)).toEqual(withoutPlaces(rolled));
  expect(encode(read)).toEqual(encode(rolled));
  expect(encode(rolled).length).toBeLessThan(2000);
});
