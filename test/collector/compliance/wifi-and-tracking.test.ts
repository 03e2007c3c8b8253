import { expect, test } from 'vitest';
import { coverage } from '../../../collector/compliance/facts.ts';
import { assetOf, DAYS, facts, HOUR, judge, MINUTE, moments, sampleOf } from './school-facts.ts';

const everyFive = (target: string, isAway: (index: number) => boolean = () => false, days = 10) =>
  moments(5 * MINUTE, days).map((at, index) => sampleOf('lan-reach', target, at, {}, !isAway(index)));

test('III.2.2.b: an access point away 2 % of school hours passes, a little more fails', () => {
  const assets = [assetOf('ap-1', 'access-point')];
  const away = (count: number) => everyFive('ap-1', (index) => index % 50 === 0 && index < count * 50);
  expect(judge('III.2.2.b', { assets, samples: away(24) })).toMatchObject({ state: 'pass', figure: '1/1 điểm phát' });
  const more = everyFive('ap-1', (index) => index % 50 === 0 || index === 7);
  expect(judge('III.2.2.b', { assets, samples: more })).toMatchObject({ state: 'fail', figure: '0/1 điểm phát' });
});

test('III.2.2.b: two lost answers are no clear evidence, however few rounds there were', () => {
  const assets = [assetOf('ap-1', 'access-point')];
  const policy = { expectedEverySeconds: { 'lan-reach': 3600 } };
  const hourly = (misses: number) =>
    moments(HOUR, 5).map((at, index) => sampleOf('lan-reach', 'ap-1', at, {}, index >= misses));
  expect(judge('III.2.2.b', { assets, samples: hourly(2), policy }).state).toBe('pass');
  expect(judge('III.2.2.b', { assets, samples: hourly(3), policy }).state).toBe('fail');
});

test('enough data: five days and 70 % of the expected rounds, not one less', () => {
  const every = everyFive('ap-1');
  const share = (kept: number) => every.filter((_, index) => index % 10 < kept);
  const at = (samples: typeof every) => coverage(facts({ samples }), 'lan-reach', 'ap-1');
  expect(at(share(7))).toEqual({ enough: true, periods: 10, got: 840, expected: 1200 });
  expect(at(share(7).slice(0, -1))).toMatchObject({ enough: false, got: 839 });
  expect(at(everyFive('ap-1', undefined, 5))).toMatchObject({ enough: true, periods: 5, expected: 600 });
  expect(at(everyFive('ap-1', undefined, 4)).enough).toBe(false);
});

const rooms = [
  { id: 'tin', name: 'Phòng Tin học', kind: 'it' as const },
  { id: 'van', name: 'Văn phòng', kind: 'office' as const },
];
const inRooms = [assetOf('pc-1', 'pc', { roomId: 'tin' }), assetOf('pc-2', 'pc', { roomId: 'van' })];
const dropDays = (target: string, lost: number) =>
  everyFive(target).filter(
    ({ at }) =>
      !DAYS.slice(0, -1)
        .slice(-lost)
        .some((day) => at >= day.from && at < day.to),
  );

test('III.1.1.c: a room unseen on two of ten days on which the agent worked fails, one of ten passes', () => {
  const other = everyFive('pc-2');
  const one = judge('III.1.1.c', { rooms, assets: inRooms, samples: [...dropDays('pc-1', 1), ...other] });
  expect(one).toMatchObject({ state: 'pass', figure: '2/2 phòng' });
  const two = judge('III.1.1.c', { rooms, assets: inRooms, samples: [...dropDays('pc-1', 2), ...other] });
  expect(two).toMatchObject({ state: 'fail', count: 1, faults: [{ name: 'Phòng Tin học' }] });
});

test('III.1.1.c: days on which the whole agent was silent are nobody’s fault', () => {
  const samples = [...dropDays('pc-1', 4), ...dropDays('pc-2', 4)];
  expect(judge('III.1.1.c', { rooms, assets: inRooms, samples }).state).toBe('pass');
});

test('III.1.1.c: today is judged of a room only once the room was seen today', () => {
  const now = DAYS[9]!.from + 5 * MINUTE;
  const before = (samples: ReturnType<typeof everyFive>) => samples.filter(({ at }) => at <= now);
  const policy = { windowPeriods: 10, trackingMissingShare: 0.1 };
  const samples = [...before(everyFive('pc-2')), ...before(everyFive('pc-1')).filter(({ at }) => at < DAYS[9]!.from)];
  expect(judge('III.1.1.c', { rooms, assets: inRooms, samples, now, policy }).state).toBe('pass');
});

test('III.1.1.c: a PC that reports only on itself does not show that the site agent was at work', () => {
  const endpoint = moments(HOUR).map((at) => ({
    ...sampleOf('antivirus', 'pc-9', at, { products: [] }),
    agentId: 'endpoint',
  }));
  const samples = [...dropDays('pc-1', 2), ...dropDays('pc-2', 2), ...endpoint];
  expect(judge('III.1.1.c', { rooms, assets: inRooms, samples }).state).toBe('pass');
});

test('III.1.1.c: a room is judged from the day on which it was entered, and not on one hour', () => {
  const pcs = everyFive('pc-2');
  const entered = (day: number) => ({ ...rooms[0]!, since: DAYS[day]!.from });
  const at = (day: number) => judge('III.1.1.c', { rooms: [entered(day), rooms[1]!], assets: inRooms, samples: pcs });
  expect(at(0)).toMatchObject({ state: 'fail', faults: [{ name: 'Phòng Tin học' }] });
  expect(at(9)).toMatchObject({ state: 'insufficient', missing: [{ name: 'Phòng Tin học' }] });
  const anHour = everyFive('pc-1').slice(-12);
  const new1 = judge('III.1.1.c', { rooms: [entered(9), rooms[1]!], assets: inRooms, samples: [...pcs, ...anHour] });
  expect(new1.state).toBe('insufficient');
});

test('rounds, not samples: measuring often in one hour does not stand for the others', () => {
  const burst = DAYS.flatMap(({ from }) =>
    Array.from({ length: 84 }, (_, second) => sampleOf('lan-reach', 'ap-1', from + second * 1000)),
  );
  const assets = [assetOf('ap-1', 'access-point')];
  expect(judge('III.2.2.b', { assets, samples: burst }).state).toBe('insufficient');
});

test('a window shorter than the minimum of days needs all of its own', () => {
  const assets = [assetOf('ap-1', 'access-point'), ...inRooms];
  const policy = { minPeriods: 20, windowPeriods: 10 };
  const samples = ['ap-1', 'pc-1', 'pc-2'].flatMap((target) => everyFive(target));
  for (const rule of ['III.1.1.c', 'III.2.2.b'])
    expect(judge(rule, { rooms, assets, samples, policy }).state, rule).toBe('pass');
});

test('III.1.1.c: hours in which PCs were on stand beside the verdict, by room and PC; a router’s or a printer’s do not', () => {
  // Three hours of each of ten days; the answers of 37 rounds reach over 36 intervals of five minutes.
  const on = everyFive('pc-1', (index) => index % 120 > 36);
  const assets = [...inRooms, assetOf('in-1', 'printer', { roomId: 'tin' })];
  const samples = [...on, ...everyFive('pc-2', () => true), ...everyFive('in-1')];
  expect(judge('III.1.1.c', { rooms, assets, samples }).also).toEqual([
    'Phòng Tin học: 1 máy bật tổng cộng 30 giờ trong 10 ngày, trung bình 3 giờ mỗi máy mỗi ngày có dùng (PC-1 30 giờ)',
    'Văn phòng: 1 máy bật tổng cộng 0 giờ trong 0 ngày (PC-2 0 giờ)',
  ]);
});
