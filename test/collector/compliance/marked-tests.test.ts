import { expect, test } from 'vitest';
import { assetOf, HOUR, judge, MINUTE, moments, sampleOf } from './school-facts.ts';

/** III.2.2.a where tests are marked, uncertain or worthless, and what is shown beside its verdict. */

const line = assetOf('internet', 'internet');
/** Hourly tests on ten days out of values by their place. */
const told = (values: (index: number) => Record<string, unknown>) =>
  moments(HOUR).map((at, index) => sampleOf('internet-speed', 'internet', at, values(index)));
const judgeTests = (values: (index: number) => Record<string, unknown>, policy = {}) =>
  judge('III.2.2.a', { assets: [line], samples: told(values), policy });
const onWifi = (lineMbps: number) => ({ lineMbps, valid: false, marks: ['wifi'], invalidReason: 'wifi' });

test('a marked test never takes the point, whatever it reads; it names its mark and how to mend it', () => {
  const verdict = judgeTests(
    (index) => (index < 12 ? onWifi(20) : index < 24 ? { ...onWifi(9), linkMbps: 10 } : { lineMbps: 90 }),
    {
      internetShareMin: 0.9,
    },
  );
  expect(verdict).toMatchObject({ state: 'insufficient', count: 0, figure: '90 Mbps' });
  expect(verdict.missing[0]!.why).toBe(
    'có 24/100 lần đo không nói lên tốc độ đường truyền: 24 lần qua Wi-Fi (cắm dây mạng cho máy đo); chắc chắn từ 45 Mbps trở lên mới có 76/100 lần (cần 90 %)',
  );
  expect(judgeTests(() => onWifi(3)).state).toBe('insufficient');
  const ports = judgeTests((index) =>
    index < 9
      ? onWifi(20)
      : { lineMbps: 9, valid: false, marks: ['port'], invalidReason: 'port', linkMbps: index < 30 ? 10 : 40 },
  );
  expect(ports.missing[0]!.why).toContain(
    '70 lần qua cổng mạng 40 Mbps (thay dây mạng hoặc dùng máy có cổng 1 Gbps), 21 lần qua cổng mạng 10 Mbps',
  );
  expect(ports.evidence.map(({ says }) => says)).toContain('ít nhất 9 Mbps (đo qua cổng mạng chậm)');
});

test('a marked test is not counted as good: what it hid must not win the point', () => {
  const marked = (count: number) => judgeTests((index) => (index < count ? onWifi(44) : { lineMbps: 90 }));
  expect(marked(20).state).toBe('pass');
  expect(marked(21).state).toBe('insufficient');
});

test('a lower bound that reaches the speed counts, also where only the second provider reached it', () => {
  expect(judgeTests(() => onWifi(60))).toMatchObject({ state: 'pass', borderline: false, figure: '≥ 60 Mbps' });
  const limited = {
    lineMbps: 30,
    valid: false,
    marks: ['server-limited'],
    invalidReason: 'server-limited',
    crossCheck: { provider: 'ndt7', lineMbps: 61, differs: true },
  };
  const verdict = judgeTests(() => limited);
  expect(verdict).toMatchObject({ state: 'pass', figure: '≥ 61 Mbps' });
  expect(verdict.verdict).toContain('100/100 lần đo từ 45 Mbps trở lên (100 %), trung vị ít nhất 61 Mbps');
  expect(verdict.also).toContain(
    'Hai nguồn đo không khớp: 100/100 lần kiểm tra chéo; lệch nhất 30 Mbps (không rõ nguồn) và 61 Mbps (M-Lab), 07:00 09/11/2026',
  );
});

test('a line fails where the hidden tests could not save it, and the sentence says so', () => {
  const verdict = judgeTests((index) => (index < 60 ? { lineMbps: 20 } : index < 70 ? onWifi(15) : { lineMbps: 90 }));
  expect(verdict).toMatchObject({ state: 'fail', count: 1, figure: '20 Mbps' });
  expect(verdict.verdict).toContain('30/100 lần đo từ 45 Mbps trở lên (30 %), trung vị 20 Mbps');
  expect(verdict.verdict).toContain(
    'kể cả khi coi 10 lần đo không nói lên tốc độ đường truyền là đạt (10 lần qua Wi-Fi (cắm dây mạng cho máy đo))',
  );
  expect(judgeTests((index) => (index < 20 ? { lineMbps: 20 } : onWifi(15))).state).toBe('insufficient');
  expect(judgeTests((index) => (index < 21 ? { lineMbps: 20 } : onWifi(15))).state).toBe('fail');
});

test('an unmarked test of a round goes before the marked ones', () => {
  const samples = moments(HOUR).flatMap((at) => [
    sampleOf('internet-speed', 'internet', at, { lineMbps: 20 }),
    ...[5, 10, 15].map((minutes) => sampleOf('internet-speed', 'internet', at + minutes * MINUTE, onWifi(90))),
  ]);
  expect(judge('III.2.2.a', { assets: [line], samples })).toMatchObject({ state: 'fail', figure: '20 Mbps' });
});

test.each([
  ['its own interval reaches 45', { lineMbps: 43, lineLowMbps: 40.9, lineHighMbps: 45.2 }, 'pass', true],
  ['its interval ends below', { lineMbps: 43, lineLowMbps: 42, lineHighMbps: 44 }, 'fail', false],
  ['a wide interval is held to 10 %', { lineMbps: 30, lineLowMbps: 1, lineHighMbps: 99_000 }, 'fail', false],
  ['an interval beside the figure is none', { lineMbps: 43, lineLowMbps: 50, lineHighMbps: 60 }, 'fail', false],
  ['an interval of words is none', { lineMbps: 43, lineLowMbps: '40', lineHighMbps: '50' }, 'fail', false],
  ['above 45, perhaps not', { lineMbps: 46, lineLowMbps: 44.5, lineHighMbps: 47.5 }, 'pass', true],
  ['clearly above', { lineMbps: 47, lineLowMbps: 46, lineHighMbps: 48 }, 'pass', false],
  ['narrower than the policy’s: the policy’s', { lineMbps: 45.2, lineLowMbps: 45.1, lineHighMbps: 45.3 }, 'pass', true],
])('a test within its own uncertainty: %s', (_, values, state, borderline) => {
  expect(judgeTests(() => values)).toMatchObject({ state, borderline });
});

test('a pass by the tests’ own uncertainty names it', () => {
  expect(judgeTests(() => ({ lineMbps: 43, lineLowMbps: 41, lineHighMbps: 45.2 })).verdict).toMatch(
    /^Đạt \(sát ngưỡng\): 0\/100 lần đo .*; trong khoảng tin cậy 95 % của chính các lần đo \(sai số đến 5,1 %, mức chung 1 %\)$/,
  );
});

test('worthless and failed tests are shown with their reasons and never counted', () => {
  const samples = told((index) =>
    index % 10 === 0 ? { lineMbps: 3, valid: false, invalidReason: 'too-few-bytes', marks: [] } : { lineMbps: 90 },
  ).map((sample, index) => (index % 10 === 1 ? { ...sample, ok: false, reason: 'timeout' } : sample));
  const verdict = judge('III.2.2.a', { assets: [line], samples });
  expect(verdict.verdict).toContain('80/80 lần đo');
  expect(verdict.also).toContain('Không tính: 10 lần không trả lời kịp, 10 lần nhận quá ít dữ liệu');
  // Worthless beats marked: a moment on Wi-Fi is no lower bound.
  const worthless = { lineMbps: 90, valid: false, invalidReason: 'window-too-short', marks: ['wifi'] };
  expect(judgeTests(() => worthless).missing[0]!.why).toContain('0/20');
});

test('what an agent left out on purpose is a gap: too many of them and nothing is known', () => {
  const samples = told(() => ({ lineMbps: 20 })).map((sample, index) =>
    index % 10 < 4 ? { ...sample, ok: false, reason: 'skipped', values: {} } : sample,
  );
  const verdict = judge('III.2.2.a', { assets: [line], samples });
  expect(verdict.state).toBe('insufficient');
  expect(verdict.missing[0]!.why).toBe(
    'mới có 60/100 lần đo: để máy chạy tác tử bật suốt giờ học; 40 lần tác tử cố ý không đo: xem lý do trong báo cáo, hoặc tăng monthlyBytes',
  );
});

test('beside the verdict stand off hours, upload, latency, outages and another line', () => {
  const rich = {
    lineMbps: 90,
    upload: { lineMbps: 40.25 },
    latency: { idleMs: 8.2, jitterMs: 1, downMs: 61, upMs: null },
  };
  const night = moments(24 * HOUR).map((at, index) =>
    sampleOf('internet-speed', 'internet', at - 3 * HOUR, { lineMbps: 90 + index }),
  );
  const at = moments(HOUR)[3]!;
  const samples = [
    ...told(() => rich),
    ...night,
    ...Array.from({ length: 60 }, (_, minute) => {
      const isDown = minute >= 10 && minute < 25;
      const gateway = {
        mac: minute < 30 ? 'AA:BB:CC:00:11:22' : 'aa:bb:cc:00:11:33',
        answered: minute < 20 ? 2 : isDown ? 0 : 2,
      };
      return {
        ...sampleOf('uplink', 'internet', at + minute * MINUTE, { gateway, provider: 'VNPT' }, !isDown),
        reason: isDown ? 'unresolved' : null,
      };
    }),
  ];
  const { state, also } = judge('III.2.2.a', { assets: [line], samples });
  expect(state).toBe('pass');
  expect(also).toEqual([
    'Ngoài giờ học: trung vị 94,5 Mbps, cao nhất 99 Mbps (10 lần đo)',
    'Tải lên: trung vị 40,3 Mbps (100 lần đo)',
    'Độ trễ (trung vị): 8 ms khi rảnh, 61 ms khi tải xuống',
    // Five minutes with a silent gateway are the agent's own: three of them may still be the line.
    'Mất kết nối: 1 lần, tổng 12 phút; lâu nhất 10:10–10:25 09/11/2026 (12 phút)',
    'Đổi đường truyền: 1 lần; gần nhất 10:30 09/11/2026: thiết bị cổng (MAC) aa:bb:cc:00:11:22 → aa:bb:cc:00:11:33',
  ]);
});
