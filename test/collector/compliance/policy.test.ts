import { expect, test } from 'vitest';
import { probes } from '../../../agent/probes/registry.ts';
import { POLICY, resolvePolicy } from '../../../collector/compliance/policy.ts';

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

test('every probe measures by itself as often as the default policy expects', () => {
  for (const { name, everySeconds } of probes)
    expect(everySeconds, name).toBeLessThanOrEqual(POLICY.expectedEverySeconds.default[name] ?? 0);
});
