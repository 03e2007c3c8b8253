import { expect, test } from 'vitest';
import { probes } from '../../../agent/probes/registry.ts';
import { POLICY, resolvePolicy } from '../../../collector/compliance/policy.ts';
import { rules } from '../../../collector/compliance/rules.ts';

test('one probe’s interval changed by a unit leaves those of the others', () => {
  const changed = resolvePolicy([
    { expectedEverySeconds: { camera: 600 } },
    { expectedEverySeconds: { printer: 900 } },
  ]);
  expect(changed.expectedEverySeconds).toEqual({
    ...POLICY.expectedEverySeconds.default,
    camera: 600,
    printer: 900,
  });
  expect(resolvePolicy([]).expectedEverySeconds.camera).toBe(300);
});

test('every probe that a rule reads measures by itself as often as the default policy expects', () => {
  const read = new Set(rules.flatMap((rule) => rule.probes));
  expect([...read].sort()).toEqual(Object.keys(POLICY.expectedEverySeconds.default).sort());
  for (const { name, everySeconds } of probes.filter((probe) => read.has(probe.name)))
    expect(everySeconds, name).toBeLessThanOrEqual(POLICY.expectedEverySeconds.default[name] ?? 0);
});
