import { expect, test } from 'vitest';
import { assetOf, DAYS, judge, MINUTE, moments, sampleOf } from './school-facts.ts';

const rooms = [{ id: 'tin', name: 'Phòng Tin học', kind: 'it' as const }];
const pc = (id: string) => assetOf(id, 'pc', { roomId: 'tin' });
/** A device asked each five minutes; `isOff` says when it does not answer. */
const reached = (id: string, isOff: (index: number) => boolean = () => false) =>
  moments(5 * MINUTE).map((at, index) => sampleOf('lan-reach', id, at, {}, !isOff(index)));

test('devices that always answer pass, and one outside these rooms is not asked about', () => {
  const assets = [pc('pc-1'), pc('pc-2'), assetOf('pc-van-phong', 'pc')];
  const verdict = judge('III.2.1.a', { rooms, assets, samples: [...reached('pc-1'), ...reached('pc-2')] });
  expect(verdict).toMatchObject({ state: 'pass', figure: '2/2 thiết bị' });
});

test('1 % of the time on in drops passes, a little more fails', () => {
  // 1200 rounds of 5 minutes; a single miss is a drop of 5 minutes. Half of the day is judged on.
  const drops = (count: number) => reached('pc-1', (index) => index % 100 === 50 && index < count * 100);
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: drops(11) }).state).toBe('pass');
  const verdict = judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: drops(12) });
  expect(verdict).toMatchObject({ state: 'fail', faults: [{ name: 'PC-1' }] });
  expect(verdict.faults[0]!.why).toMatch(/^rớt mạng 12 lần, 1(,\d)? % thời gian máy bật$/);
});

test('a PC that is on for an hour a day loses no point by two drops, and does by three', () => {
  const used = (drops: number) =>
    reached('pc-1', (index) => {
      const round = index % 120;
      return round >= 12 || (round === 6 && index < drops * 120);
    });
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: used(2) }).state).toBe('pass');
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: used(3) }).state).toBe('fail');
});

test('silence longer than ten minutes is a PC that was switched off', () => {
  const off = reached('pc-1', (index) => index % 10 < 3 || index % 120 > 90);
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: off }).state).toBe('pass');
});

test('a PC never seen is a fault only where its room was in use on five days', () => {
  const never = reached('pc-2', () => true);
  const usedOn = (days: number) =>
    reached('pc-1').map((sample) =>
      DAYS.slice(0, days).some((day) => sample.at >= day.from && sample.at < day.to)
        ? sample
        : { ...sample, ok: false },
    );
  const assets = [pc('pc-1'), pc('pc-2')];
  expect(judge('III.2.1.a', { rooms, assets, samples: [...usedOn(4), ...never] }).state).toBe('insufficient');
  expect(judge('III.2.1.a', { rooms, assets, samples: [...usedOn(5), ...never] })).toMatchObject({
    state: 'fail',
    figure: '1/2 thiết bị',
    faults: [{ name: 'PC-2' }],
  });
});

test('a room dropping together twice in two weeks passes, three times fails and names the room', () => {
  const together = (count: number) =>
    ['pc-1', 'pc-2', 'pc-3', 'pc-4'].flatMap((id) => reached(id, (index) => index % 240 === 60 && index < count * 240));
  const assets = ['pc-1', 'pc-2', 'pc-3', 'pc-4'].map(pc);
  const elsewhere = reached('ap-1');
  expect(judge('III.2.1.a', { rooms, assets, samples: [...together(2), ...elsewhere] }).state).toBe('pass');
  const verdict = judge('III.2.1.a', { rooms, assets, samples: [...together(3), ...elsewhere] });
  expect(verdict).toMatchObject({ state: 'fail', faults: [{ name: 'Phòng Tin học' }] });
  expect(verdict.evidence[0]!.says).toBe('Phòng Tin học: nhiều máy cùng mất mạng');
  // Nothing at all answered in those rounds: it may have been the agent's own cable.
  expect(judge('III.2.1.a', { rooms, assets, samples: together(5) }).state).toBe('pass');
  // With the internet out, an answer of the gateway tells that it was not.
  const looks = moments(5 * MINUTE).map((at) =>
    sampleOf('uplink', 'internet', at, { gateway: { answered: 2 }, names: [] }, false),
  );
  expect(judge('III.2.1.a', { rooms, assets, samples: [...together(5), ...looks] }).state).toBe('fail');
  for (const look of looks) look.values = { gateway: { answered: 0 } };
  expect(judge('III.2.1.a', { rooms, assets, samples: [...together(5), ...looks] }).state).toBe('pass');
});

test('an answer just before the agent’s own cable went is no word on what it missed after', () => {
  const assets = ['pc-1', 'pc-2', 'pc-3', 'pc-4'].map(pc);
  // Two looks of a round without an answer, each second day; the line is asked each minute, 10 s before the looks.
  const isOut = (index: number) => index % 240 === 60;
  const looked = assets.flatMap(({ target }) =>
    moments(5 * MINUTE).map((at, index) =>
      sampleOf('lan-reach', target!, at, { looks: isOut(index) ? '11001' : '11111', everySeconds: 60 }),
    ),
  );
  const line = (isAgentOut: boolean) =>
    moments(5 * MINUTE).flatMap((at, index) =>
      [0, 1, 2, 3, 4].map((minute) => {
        const answers = !(isAgentOut && isOut(index) && minute === 3);
        const values = { gateway: { answered: answers ? 2 : 0 } };
        return sampleOf('uplink', 'internet', at + minute * MINUTE - 10_000, values, answers);
      }),
    );
  expect(judge('III.2.1.a', { rooms, assets, samples: [...looked, ...line(true)] }).state).toBe('pass');
  expect(judge('III.2.1.a', { rooms, assets, samples: [...looked, ...line(false)] }).state).toBe('fail');
});

test('half of the PCs that are on is half of the room, however many are off', () => {
  const assets = Array.from({ length: 10 }, (_, index) => pc(`pc-${index}`));
  const samples = assets.flatMap(({ target }, index) =>
    reached(target!, (round) => (index < 4 ? round % 240 === 60 : round % 120 > 20)),
  );
  const verdict = judge('III.2.1.a', { rooms, assets, samples: [...samples, ...reached('ap-1')] });
  expect(verdict).toMatchObject({ state: 'fail', faults: [{ name: 'Phòng Tin học' }] });
});

test('a PC that was off or not asked while its room was in use elsewhere is not a PC that is never seen', () => {
  const inDays = (from: number, to: number) => (sample: { at: number }) =>
    sample.at >= DAYS[from]!.from && sample.at < DAYS[to]!.to;
  const never = reached('pc-2', () => true).filter(inDays(0, 4));
  const used = reached('pc-1', (index) => index < 600);
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1'), pc('pc-2')], samples: [...used, ...never] }).state).toBe(
    'insufficient',
  );
});

test('a printer that is always on does not show that its room was in use', () => {
  const printer = assetOf('in-1', 'printer', { roomId: 'tin' });
  const samples = [...reached('pc-1', () => true), ...reached('in-1')];
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1'), printer], samples })).toMatchObject({
    state: 'insufficient',
    missing: [{ name: 'PC-1' }],
  });
});

test('one answer in ten days is no stable connection, and no fault', () => {
  const once = reached('pc-1', (index) => index !== 500);
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: once })).toMatchObject({
    state: 'insufficient',
    missing: [{ why: 'bật chưa đủ lâu để biết kết nối có ổn định không' }],
  });
});

test('answers that never arrived do not make a drop longer', () => {
  const single = reached('pc-1', (index) => index % 100 === 50 && index < 1100);
  const unheard = single.filter((_, index) => index % 100 !== 51);
  expect(judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples: unheard }).state).toBe('pass');
});

test('a printer asked by either probe is judged by the one that suffices', () => {
  const printer = assetOf('in-1', 'printer', { roomId: 'tin' });
  const once = sampleOf('printer', 'in-1', DAYS[0]!.from);
  const verdict = judge('III.2.1.a', { rooms, assets: [printer], samples: [...reached('in-1'), once] });
  expect(verdict).toMatchObject({ state: 'pass', figure: '1/1 thiết bị' });
});

test('a printer that one probe asks in vain, at an address that it left, is judged by the one that sees it', () => {
  const printer = assetOf('in-1', 'printer', { roomId: 'tin' });
  const gone = moments(5 * MINUTE).map((at) => sampleOf('printer', 'in-1', at, {}, false));
  const samples = [...reached('pc-1'), ...reached('in-1'), ...gone];
  const assets = [pc('pc-1'), printer];
  expect(judge('III.2.1.a', { rooms, assets, samples })).toMatchObject({ state: 'pass', figure: '2/2 thiết bị' });
  expect(judge('III.2.1.a', { rooms, assets, samples: [...reached('pc-1'), ...gone] }).state).toBe('fail');
});

test('a room with fewer in the inventory than it should hold leaves the rule open, and a fault a fault', () => {
  const assets = [pc('pc-1'), pc('pc-2')];
  const samples = ['pc-1', 'pc-2'].flatMap((id) => reached(id));
  const room = (expectedPcs: number | null, expectedPrinters: number | null = null) =>
    rooms.map((own) => ({ ...own, expectedPcs, expectedPrinters }));
  const at = (of: typeof rooms, own = assets) => judge('III.2.1.a', { rooms: of, assets: own, samples });
  for (const enough of [room(null), room(2), room(1, 0)]) expect(at(enough).state).toBe('pass');
  const why = (counts: string) =>
    `danh mục có ${counts}: thêm thiết bị còn thiếu vào danh mục, hoặc sửa số quy định của phòng`;
  expect(at(room(3))).toMatchObject({
    state: 'insufficient',
    figure: '2/2 thiết bị',
    verdict: `Chưa đủ dữ liệu: 1 phòng chưa đủ thiết bị trong danh mục (Phòng Tin học (${why('2/3 máy tính')}))`,
  });
  expect(at(room(3, 1)).missing).toEqual([
    { assetId: null, name: 'Phòng Tin học', why: why('2/3 máy tính, 0/1 máy in') },
  ]);
  expect(at(room(3), [])).toMatchObject({ state: 'insufficient', missing: [{ why: why('0/3 máy tính') }] });
  const drops = [...reached('pc-1', (index) => index % 50 === 25), ...reached('pc-2')];
  expect(judge('III.2.1.a', { rooms: room(3), assets, samples: drops })).toMatchObject({
    state: 'fail',
    faults: [{ name: 'PC-1' }],
    missing: [{ name: 'Phòng Tin học' }],
  });
});

test('a device at whose address another one stands is missing for that reason, with what to do', () => {
  const replaced = reached('pc-1').map((sample, index) =>
    index < 300 ? sample : { ...sample, ok: false, reason: 'other-device', values: { mac: '02:00:00:00:00:99' } },
  );
  const says = (samples: typeof replaced) =>
    judge('III.2.1.a', { rooms, assets: [pc('pc-1')], samples }).missing.map(({ why }) => why);
  expect(says(replaced)).toEqual([
    'địa chỉ này đang là thiết bị khác (16:55 ngày 20/11/2026): đã thay máy thì sửa địa chỉ MAC của "pc-1" trong danh mục và cấu hình tác tử, chưa thay thì sửa địa chỉ IP',
  ]);
  expect(says(replaced.slice(300))[0]).toContain('địa chỉ này đang là thiết bị khác');
  // It is back since: too few days are what is missing.
  const back = [...replaced.slice(300, 900), ...reached('pc-1').slice(900)];
  expect(says(back)).toEqual(['mới có 3/5 ngày học có dữ liệu: để tác tử chạy thêm']);
});
