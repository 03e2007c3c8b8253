import { expect, test } from 'vitest';
import { readTimes } from '../../../agent/probes/lan-reach/icmp.ts';
import { addressesIn } from '../../../agent/probes/lan-reach/ranges.ts';
import { type Look, summarise } from '../../../agent/probes/lan-reach/summary.ts';

const look = (letter: string, index: number): Look => ({
  at: index * 60_000,
  answered: letter === '-' ? null : letter === '1',
  reason: letter === '1' ? null : letter === '-' ? 'other-device' : 'timeout',
  values: letter === '1' ? { method: 'arp', mac: '02:00:00:00:00:01' } : {},
});
const of = (letters: string, rttsMs: number[] = [], sent = 0) =>
  summarise([...letters].map(look), { sent, rttsMs }, 60);

test('a summary says what each look found, how many answered, and how often the device was gone between answers', () => {
  expect(of('11011', [1, 2, 6], 3)).toEqual({
    ok: true,
    values: {
      method: 'arp',
      mac: '02:00:00:00:00:01',
      looks: '11011',
      everySeconds: 60,
      sent: 5,
      answered: 4,
      drops: 1,
      echoes: { sent: 3, answered: 3 },
      rttMs: 3,
      rttMinMs: 1,
      rttMaxMs: 6,
    },
  });
  expect(of('10101').values).toMatchObject({ drops: 2 });
  expect(of('00111').values).toMatchObject({ drops: 0, answered: 3 });
  expect(of('1-0-1').values).toMatchObject({ sent: 3, answered: 2, drops: 1 });
});

test('a device that never answered is a miss, and one that nobody could look at is none', () => {
  expect(of('00000')).toMatchObject({ ok: false, reason: 'timeout', values: { sent: 5, answered: 0 } });
  expect(of('-----')).toMatchObject({ ok: false, reason: 'other-device', values: { sent: 0 } });
  expect(of('0----')).toMatchObject({ ok: false, reason: 'timeout' });
});

test('echoes that were all lost have no time', () => {
  expect(of('1', [], 3).values).toMatchObject({ echoes: { sent: 3, answered: 0 }, rttMs: null, rttMinMs: null });
  expect(of('1').values).not.toHaveProperty('echoes');
});

test('ping’s answer lines give their times in English, Vietnamese and German, its other lines none', () => {
  expect(
    readTimes(`PING 10.0.0.2 (10.0.0.2) 56(84) bytes of data.
64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=0.408 ms
64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=12 ms
From 10.0.0.1 icmp_seq=3 Destination Host Unreachable

--- 10.0.0.2 ping statistics ---
3 packets transmitted, 2 received, 33% packet loss, time 402ms
rtt min/avg/max/mdev = 0.020/0.024/0.028/0.003 ms
`),
  ).toEqual([0.408, 12]);
  expect(
    readTimes(`\r
Đang ping 192.168.1.1 với 32 byte dữ liệu:\r
Trả lời từ 192.168.1.1: byte=32 thời gian<1ms TTL=64\r
Trả lời từ 192.168.1.1: byte=32 thời gian=3ms TTL=64\r
Hết thời gian yêu cầu.\r
Trả lời từ 192.168.1.10: Không thể truy cập máy chủ đích.\r
\r
Thống kê Ping cho 192.168.1.1:\r
    Gói: Đã gửi = 4, Đã nhận = 2, Bị mất = 2 (mất 50%),\r
Thời gian khứ hồi xấp xỉ tính bằng mili giây:\r
    Tối thiểu = 0ms, Tối đa = 3ms, Trung bình = 1ms\r
`),
  ).toEqual([1, 3]);
  expect(readTimes('Reply from 10.0.0.9: Destination host unreachable.\r\nRequest timed out.')).toEqual([]);
  expect(readTimes('Antwort von ::1: Zeit=2ms\n')).toEqual([2]);
});

test('a range is its addresses, both ends included; what is none has none', () => {
  expect(addressesIn('192.168.1.254-192.168.2.1')).toEqual([
    '192.168.1.254',
    '192.168.1.255',
    '192.168.2.0',
    '192.168.2.1',
  ]);
  for (const none of [
    '192.168.1.9-192.168.1.1',
    '10.0.0.0-10.255.255.255',
    '300.1.1.1-300.1.1.2',
    'a-b',
    '1.1.1.1',
    '',
  ])
    expect(addressesIn(none), none).toEqual([]);
});
