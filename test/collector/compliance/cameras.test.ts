import { expect, test } from 'vitest';
import { cameraIncidents, looksOf, outagesOf } from '../../../collector/incidents/detect.ts';
import { assetOf, DAYS, HOUR, judge, MINUTE, moments, sampleOf } from './school-facts.ts';

const camera = assetOf('cam-1', 'camera');
/** One look each five minutes of school hours: 1200. */
const looks = (stateAt: (index: number) => string) =>
  moments(5 * MINUTE).map((at, index) => {
    const state = stateAt(index);
    return sampleOf('camera', 'cam-1', at, { state }, state === 'live');
  });

test('III.3.2.a: 95 % live passes, one look fewer fails', () => {
  const down = (count: number) => looks((index) => (index % 20 === 0 && index < count * 20 ? 'frozen' : 'live'));
  expect(judge('III.3.2.a', { assets: [camera], samples: down(60) }).state).toBe('pass');
  const more = looks((index) => (index % 20 === 0 || index === 7 ? 'frozen' : 'live'));
  expect(judge('III.3.2.a', { assets: [camera], samples: more })).toMatchObject({
    state: 'fail',
    figure: '0/1 camera',
  });
});

test('a camera with a wrong password is unknown to both rules, not lost and not in order', () => {
  const samples = looks(() => 'auth');
  for (const rule of ['III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera], samples }), rule).toMatchObject({
      state: 'insufficient',
      missing: [{ why: 'sai tài khoản: sửa tài khoản ONVIF trong cấu hình tác tử' }],
    });
});

test('a dark picture counts in school hours and not at night', () => {
  expect(judge('III.3.2.a', { assets: [camera], samples: looks(() => 'dark') }).state).toBe('fail');
  const nights = DAYS.slice(0, -1).flatMap(({ to }) =>
    Array.from({ length: 150 }, (_, index) =>
      sampleOf('camera', 'cam-1', to + index * 5 * MINUTE, { state: 'dark' }, false),
    ),
  );
  const samples = [...looks(() => 'live'), ...nights];
  expect(judge('III.3.2.a', { assets: [camera], samples }).state).toBe('pass');
  expect(judge('III.3.2.b', { assets: [camera], samples }).state).toBe('pass');
});

test('III.3.2.a: a camera of the inventory that nobody adopted fails once the agent was at work for five days', () => {
  const orphan = assetOf('cam-2', 'camera', { target: null });
  const watched = (days: number) => moments(5 * MINUTE, days).map((at) => sampleOf('lan-reach', 'pc-1', at));
  expect(judge('III.3.2.a', { assets: [orphan], samples: watched(5) }).state).toBe('fail');
  expect(judge('III.3.2.a', { assets: [orphan], samples: watched(4) }).state).toBe('insufficient');
});

test('III.3.2.b: three working days of an open incident pass, one more round fails', () => {
  const from = 2 * 120;
  const broken = (rounds: number) => looks((index) => (index >= from && index < from + rounds ? 'no-stream' : 'live'));
  expect(judge('III.3.2.b', { assets: [camera], samples: broken(360) }).state).toBe('pass');
  const late = judge('III.3.2.b', { assets: [camera], samples: broken(361) });
  expect(late).toMatchObject({ state: 'fail', figure: '1 quá hạn' });
  expect(late.faults[0]!.why).toContain('không có luồng hình từ 07:00 ngày 11/11/2026');
  expect(late.evidence).toHaveLength(2);
});

test('III.3.2.b: under 30 minutes is no incident, and time nobody measured is not held against the school', () => {
  expect(
    judge('III.3.2.b', { assets: [camera], samples: looks((index) => (index % 120 < 5 ? 'frozen' : 'live')) }).verdict,
  ).toContain('không có sự cố camera');
  // Broken before and after three silent days in the middle: 2 + 2 known rounds of open time.
  const gap = looks((index) => (index > 350 && index < 730 ? 'frozen' : 'live')).filter(
    (sample) => sample.at < DAYS[3]!.from || sample.at > DAYS[6]!.from,
  );
  expect(judge('III.3.2.b', { assets: [camera], samples: gap }).state).toBe('pass');
});

test('lights out at the nap are no fault of the camera, and a picture that is never bright is', () => {
  const nap = looks((index) => (index % 120 >= 54 && index % 120 < 84 ? 'dark' : 'live'));
  for (const rule of ['III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera], samples: nap }).state).toBe('pass');
  const covered = looks((index) => (index < 480 ? 'dark' : 'live'));
  for (const rule of ['III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera], samples: covered }).state).toBe('fail');
});

test('the agent’s cable out for three days and an hour: every target missed at once is nobody’s fault', () => {
  const ap = assetOf('ap-1', 'access-point');
  const isOut = (at: number) => at >= DAYS[2]!.from && at < DAYS[5]!.from + HOUR;
  const back = DAYS[5]!.from + HOUR;
  const samples = moments(5 * MINUTE).flatMap((at) =>
    [
      sampleOf('camera', 'cam-1', at, { state: isOut(at) ? 'unreachable' : 'live' }, !isOut(at)),
      sampleOf('lan-reach', 'ap-1', at, {}, !isOut(at)),
    ].map((sample) => (isOut(at) ? { ...sample, receivedAt: back } : sample)),
  );
  for (const rule of ['III.2.2.b', 'III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera, ap], samples }).state, rule).toBe('pass');
  // The same misses while something else answers are the devices' own.
  const other = moments(5 * MINUTE).map((at) => sampleOf('lan-reach', 'gateway', at));
  for (const rule of ['III.2.2.b', 'III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera, ap], samples: [...samples, ...other] }).state, rule).toBe('fail');
});

test('what the agent could not do itself is not measured', () => {
  const broken = looks((index) => (index % 10 === 0 ? 'unreachable' : 'live')).map((sample, index) =>
    index % 10 === 0 ? { ...sample, reason: ['internal', 'tool-missing', 'unresolved'][index % 3]! } : sample,
  );
  expect(judge('III.3.2.a', { assets: [camera], samples: broken }).state).toBe('pass');
});

test('a second agent that cannot reach a camera does not make it half dead', () => {
  const second = looks(() => 'unreachable').map((sample) => ({
    ...sample,
    agentId: 'agent-2',
    at: sample.at + MINUTE,
  }));
  const verdict = judge('III.3.2.a', { assets: [camera], samples: [...looks(() => 'live'), ...second] });
  expect(verdict).toMatchObject({ state: 'pass', figure: '1/1 camera' });
});

test('a camera that let the agent look half of the time is unknown', () => {
  const samples = looks((index) => (index % 2 ? 'onvif-down' : 'live'));
  for (const rule of ['III.3.2.a', 'III.3.2.b'])
    expect(judge(rule, { assets: [camera], samples }).state).toBe('insufficient');
});

test('each of 45 faulty cameras is led back to a report, whatever else was seen', () => {
  const many = Array.from({ length: 45 }, (_, index) => assetOf(`cam-${index}`, 'camera'));
  const samples = many.flatMap(({ target }, index) =>
    moments(5 * MINUTE).map((at) =>
      sampleOf('camera', target!, at, { state: index === 44 ? 'frozen' : 'live' }, index !== 44),
    ),
  );
  expect(judge('III.3.2.a', { assets: many, samples }).evidence[0]!.says).toBe('CAM-44: hình đứng yên');
});

test('III.3.2.b: days of different length count as days', () => {
  // Down from Monday 09:00 to Tuesday 12:00: 0,8 + 0,5 days, whatever day the window begins with.
  const samples = looks((index) => (index >= 24 && index < 120 + 60 ? 'frozen' : 'live'));
  const found = cameraIncidents(
    outagesOf(looksOf(samples, DAYS), 5 * MINUTE),
    [{ from: DAYS[0]!.from - 48 * HOUR, to: DAYS[0]!.from - 44 * HOUR }, ...DAYS],
    30 * MINUTE,
  );
  expect(found).toMatchObject([{ openPeriods: 1.3, openMs: 13 * HOUR }]);
});
