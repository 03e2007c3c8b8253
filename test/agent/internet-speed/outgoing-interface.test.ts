import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mbps, overheadFactor } from '../../../agent/probes/internet-speed/line-rate.ts';
import { outgoingInterface, readInterface } from '../../../agent/probes/internet-speed/outgoing-interface.ts';

test('the interface that leads out is told or null, in bounded time', async () => {
  const start = performance.now();
  const found = await outgoingInterface(['speed.example'], AbortSignal.timeout(10_000));
  expect(performance.now() - start).toBeLessThan(8000);
  expect(Object.keys(found)).toEqual(['name', 'medium', 'linkMbps', 'busyMbps']);
  expect(await outgoingInterface(['speed.example'], AbortSignal.abort())).toMatchObject({ name: null, medium: null });
  expect(await outgoingInterface(['127.0.0.9', 'localhost', '[::1]'], AbortSignal.abort())).toMatchObject({
    medium: 'loopback',
  });
});

test("systeminformation's words are ours, and its unknowns null", () => {
  const wired = { iface: 'eth0', type: 'wired', speed: 1000, virtual: false, busyMbps: 0.4 };
  expect(readInterface(wired)).toEqual({ name: 'eth0', medium: 'ethernet', linkMbps: 1000, busyMbps: 0.4 });
  expect(readInterface({ ...wired, type: 'wireless', speed: -1 })).toMatchObject({ medium: 'wifi', linkMbps: null });
  expect(readInterface({ ...wired, virtual: true, speed: null })).toMatchObject({ medium: 'virtual', linkMbps: null });
  fc.assert(fc.property(fc.anything(), (answer) => void readInterface(answer)));
});

test('payload to line: 44.0 of payload is a line of 46.0', () => {
  expect(44.0 * overheadFactor('ethernet')).toBeCloseTo(46.0, 1);
  expect(overheadFactor('ip')).toBeCloseTo(1.0359, 4);
  expect(overheadFactor('ethernet', 6)).toBeCloseTo(1514 / 1428, 6);
  expect(mbps(1_250_000, 1)).toBe(10);
  expect(mbps(5, 0)).toBe(0);
});
