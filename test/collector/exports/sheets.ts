import type { ManualFinding, MeasuredFinding } from '../../../collector/api/schemas/finding.ts';
import type { SheetAnswer } from '../../../collector/api/schemas/scoresheet.ts';
import { scoreSheet } from '../../../collector/evaluation/sheet.ts';
import { itemsOf } from '../../../shared/rubric/edition.ts';
import { loadEdition } from '../../../shared/rubric/load.ts';

/** Sheets of the real engine, from findings of every shape. */
export const edition = loadEdition('8265/QĐ-UBND');
export const AS_OF = Date.parse('2026-11-24T23:30:00+07:00');
export const items = itemsOf(edition);
export const rulesFor = (levels: readonly string[]) =>
  items
    .flatMap((item) => item.rules.map((rule) => ({ item, rule })))
    .filter(({ rule }) => !rule.levels || rule.levels.some((level) => levels.includes(level)));

let next = 0;
function id(): string {
  next += 1;
  return `id-${String(next).padStart(6, '0')}`;
}

export const manual = (rule: string, rest: Partial<ManualFinding> = {}): ManualFinding => ({
  id: id(),
  rule,
  kind: 'finding',
  count: null,
  of: null,
  award: null,
  points: null,
  reason: 'đã xem hồ sơ tại trường',
  by: 'Nguyễn Thị Hạnh',
  at: '2026-11-23T02:05:00.000Z',
  ...rest,
});

export const measured = (rule: string, rest: Partial<MeasuredFinding> = {}): MeasuredFinding => ({
  id: id(),
  rule,
  state: 'pass',
  count: 0,
  verdict: 'Đạt: 46/48 lần đo từ 45 Mbps trở lên (96 %), trung vị 87,3 Mbps, 10 ngày học, từ 09/11/2026 đến 20/11/2026',
  figure: '87,3 Mbps',
  borderline: false,
  window: { from: '2026-11-09T00:00:00.000Z', to: '2026-11-20T10:00:00.000Z' },
  faults: [],
  missing: [],
  evidence: [],
  samples: 48,
  policy: [],
  since: '2026-11-09T00:00:00.000Z',
  computedAt: '2026-11-20T10:00:00.000Z',
  ...rest,
});

export interface Made {
  measured?: readonly MeasuredFinding[];
  manual?: readonly ManualFinding[];
  school?: Partial<SheetAnswer['school']>;
}

export const sheetOf = ({ measured: found = [], manual: entered = [], school = {} }: Made): SheetAnswer =>
  scoreSheet({
    edition,
    school: {
      id: 'school-1',
      name: 'Trường Tiểu học Gia Thụy',
      code: '01LB017',
      levels: ['primary'],
      unit: 'Quận Long Biên',
      practice: false,
      ...school,
    },
    measured: found,
    manual: entered,
    asOf: AS_OF,
  });

/** Findings of all shapes: measured, entered, contested, beyond the text, waiting; many rules stay open. */
export const mixed = (): SheetAnswer =>
  sheetOf({
    measured: [
      measured('III.1.1.c', {
        state: 'fail',
        count: 2,
        verdict:
          'Không đạt: 2 phòng không được theo dõi tần suất từ 20 % số ngày học trở lên: Phòng Tin học 1, Phòng Ngoại ngữ',
      }),
      measured('III.2.1.a', {
        state: 'fail',
        count: 1,
        verdict: 'Không đạt: 1/58 máy không có mặt ngày nào (Máy 17, Phòng Tin học 1), tín hiệu -71 dBm; 10 ngày học',
      }),
      measured('III.2.2.a'),
      measured('III.2.2.b', { state: 'insufficient', verdict: 'Chưa đủ dữ liệu: mới có 3 ngày học, cần 5' }),
      measured('III.3.1.a', { state: 'fail', count: 1, verdict: 'Không đạt: 2/14 máy thiếu diệt virus bản quyền' }),
      measured('III.3.1.b', { verdict: 'Đạt (sát ngưỡng): 44/44 máy học sinh có diệt virus' }),
      measured('III.3.1.c', { state: 'manual', verdict: 'Người chấm nhập: tài khoản quản trị cổng thông tin' }),
      measured('III.3.2.a', { state: 'fail', count: 1, verdict: 'Không đạt: 2/6 camera có hình dưới 95 % thời gian' }),
      measured('III.3.2.b', { state: 'fail', count: 1, verdict: 'Không đạt: 1 sự cố mở 6 ngày làm việc' }),
    ],
    manual: [
      manual('I.1.1.a', { kind: 'meets' }),
      manual('I.1.1.b', { count: 2, reason: 'hai nội dung chưa kiểm tra trong tháng 10.' }),
      manual('I.1.1.c', { kind: 'meets' }),
      manual('I.1.1.d', { count: 1, reason: 'thiếu báo cáo tháng 9' }),
      manual('I.1.2.a', { count: 3 }),
      manual('I.2.1.a', { count: 0 }),
      manual('I.3.2.a', { reason: 'chưa có dự toán được duyệt' }),
      manual('I.3.2.c', { count: 2 }),
      manual('I.3.3.c', {}),
      manual('II.1.2.a', { kind: 'meets' }),
      manual('II.2.1.a', { count: 4, reason: 'bốn giáo viên chưa dùng phần mềm' }),
      manual('II.2.1.b', { count: 3 }),
      manual('II.2.2.a', { kind: 'meets' }),
      manual('II.2.3.a', { count: 1 }),
      manual('II.3.1.a', { count: 1 }),
      manual('II.3.2.a', { count: 7, reason: 'nhật ký đăng nhập tháng 10' }),
      manual('III.3.2.b', { kind: 'meets', reason: 'sự cố do cắt điện toàn phường, đã báo trước' }),
      manual('IV.1.a', { award: 'city' }),
      manual('IV.2.a', { award: 'district' }),
      manual('IV.4', { points: 1.25, reason: 'có lớp học trực tuyến mẫu' }),
    ],
  });

/** Every rule decided, so that there is a grade. */
export function complete(lost: readonly ManualFinding[] = []): SheetAnswer {
  const own = new Map(lost.map((entry) => [entry.rule, entry]));
  return sheetOf({
    manual: rulesFor(['primary']).map(({ rule }) => {
      if (own.has(rule.id)) return own.get(rule.id)!;
      if (rule.shape === 'award') return manual(rule.id, { award: rule.awards.at(-1)!.id });
      if (rule.shape === 'free') return manual(rule.id, { points: 1 });
      return manual(rule.id, { kind: 'meets' });
    }),
  });
}

/** Everything that a person or a device may write, as hostile as it can be. */
export const HOSTILE = [
  '=HYPERLINK("http://127.0.0.1/x","bấm")',
  "=cmd|' /C calc'!A0",
  '+1+1',
  '-2+3',
  '@SUM(A1)',
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  ']]><w:br/>',
  '</w:t></w:r>&amp;&#x3c;',
  'ký tự\u0000điều\u0008khiển\u001b\ufffe\u0085',
  'cặp lẻ \ud800 và \udc00',
  'đảo \u202eexe.cod\u202c chiều',
  '_x0041_ và _x003D_1+1',
  '👩‍🏫🇻🇳 đạt ✅',
  'xuống\r\ndòng\tvà\u2028nữa',
  `rất dài ${'không đạt vì lý do này '.repeat(200)}`,
  'x'.repeat(5000),
  '$1 {{1}} %{1} $&',
];
export const hostile = (): SheetAnswer => {
  const rules = rulesFor(['primary']);
  const text = (index: number) => HOSTILE[index % HOSTILE.length]!;
  return sheetOf({
    measured: rules.map(({ rule }, index) =>
      measured(rule.id, {
        state: rule.shape === 'award' || rule.shape === 'free' ? 'insufficient' : 'fail',
        count: 1,
        verdict: text(index),
      }),
    ),
    manual: rules.flatMap(({ rule }, index) =>
      index % 2 === 0 ? [manual(rule.id, { kind: 'meets', reason: text(index + 7), by: text(index + 3) })] : [],
    ),
    school: { name: text(5), code: text(0), unit: text(6), practice: true },
  });
};
