import { expect, test } from 'vitest';
import { segmentsIn } from '../../../agent/probes/internet-speed/connection.ts';
import { isPppoe, mbps, overheadFactor, packetOf, segmentsOf } from '../../../agent/probes/internet-speed/overhead.ts';

test('payload to line: 44.0 of payload is a line of 46.0', () => {
  const linux = segmentsOf(1500, 4, 'linux');
  expect(linux).toEqual({ payload: 1448, family: 4, timestamps: true, source: 'interface' });
  expect(44.0 * overheadFactor('ethernet', linux)).toBeCloseTo(46.0, 1);
  expect(overheadFactor('ip', linux)).toBeCloseTo(1500 / 1448, 9);
  expect(overheadFactor('ethernet', segmentsOf(1500, 6, 'linux'))).toBeCloseTo(1514 / 1428, 9);
  expect(mbps(1_250_000, 1)).toBe(10);
  expect(mbps(5, 0)).toBe(0);
});

test('Windows sends no timestamps, PPPoE carries less and its frames are longer', () => {
  expect(overheadFactor('ip', segmentsOf(null, 4, 'win32'))).toBeCloseTo(1500 / 1460, 9);
  expect(segmentsOf(null, 4, 'win32').source).toBe('assumed');
  const pppoe = segmentsOf(1492, 4, 'linux');
  expect(isPppoe(pppoe)).toBe(true);
  expect(packetOf(pppoe)).toBe(1492);
  expect(overheadFactor('ip', pppoe)).toBeCloseTo(1492 / 1440, 9);
  expect(overheadFactor('ethernet', pppoe)).toBeCloseTo(1514 / 1440, 9);
  for (const absurd of [0, -1, 20, 1e9, Number.NaN]) expect(segmentsOf(absurd, 4, 'linux').payload).toBe(1448);
});

/** `ss -tinO` of iproute2 6.1 on a download, and of an older kernel that names the options. */
const QUIET =
  'ESTAB    0      0      10.77.0.1:59966 10.77.0.2:8080 bbr wscale:10,10 rto:204 rtt:0.005/0.005 ato:48 mss:1448 pmtu:1500 rcvmss:1448 advmss:1448 cwnd:11 bytes_sent:129 bytes_acked:130 bytes_received:1457112 segs_out:124';
const TOLD =
  'ESTAB 0 0 192.168.1.7:59966 203.0.113.9:443\t ts sack cubic wscale:7,7 rto:204 rtt:9/2 ato:40 mss:1440 pmtu:1500 rcvmss:1440 advmss:1448 cwnd:10 bytes_sent:700 bytes_acked:701 bytes_received:9457112 segs_out:99';

test('the connection itself says how large its segments are', () => {
  expect(segmentsIn(QUIET, 'down')).toEqual({ payload: 1448, family: 4, timestamps: true, source: 'connection' });
  const behindPppoe = segmentsIn(TOLD, 'down')!;
  expect(behindPppoe).toMatchObject({ payload: 1440, timestamps: true });
  expect(isPppoe(behindPppoe)).toBe(true);
  expect(
    segmentsIn(QUIET.replace('mss:1448 pmtu', 'mss:1460 pmtu').replace('rcvmss:1448', 'rcvmss:1460'), 'down'),
  ).toMatchObject({
    payload: 1460,
    timestamps: false,
  });
  const six = QUIET.replace('10.77.0.1:59966 10.77.0.2:8080', '[fd00::1]:59966 [fd00::2]:443').replaceAll(
    '1448',
    '1428',
  );
  expect(segmentsIn(six, 'down')).toMatchObject({ payload: 1428, family: 6, timestamps: true });
  const mapped = QUIET.replace('10.77.0.1:59966 10.77.0.2:8080', '[::ffff:10.77.0.1]:59966 [::ffff:10.77.0.2]:443');
  expect(segmentsIn(mapped, 'down')).toMatchObject({ family: 4 });
  expect(segmentsIn(QUIET, 'up')).toMatchObject({ payload: 1448 });
});

test('the most usual of several connections counts, one that has hardly begun does not', () => {
  const early = QUIET.replace('rcvmss:1448', 'rcvmss:536').replace('bytes_received:1457112', 'bytes_received:5000');
  expect(segmentsIn([early, early, QUIET].join('\n'), 'down')).toMatchObject({ payload: 1448 });
  expect(segmentsIn([QUIET, TOLD, TOLD].join('\n'), 'down')).toMatchObject({ payload: 1440 });
  for (const text of ['', 'x', early, 'ESTAB rcvmss:abc', QUIET.replace('rcvmss:1448', 'rcvmss:99999')])
    expect(segmentsIn(text, 'down')).toBeUndefined();
});
