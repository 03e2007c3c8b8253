import { mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '../../../agent/config.ts';
import { askCollector, isInside, nextStepOf, problemOf } from '../../../agent/doctor/collector.ts';
import { clockCheck, dataDirProblems, serviceCautions } from '../../../agent/doctor/machine.ts';
import { sendingCheck } from '../../../agent/doctor/sending.ts';
import { configProblems, credentialCautions } from '../../../agent/doctor/written.ts';
import { probes } from '../../../agent/probes/registry.ts';
import { FakeCollector } from './fake-collector.ts';
import { scratch, writeConfig } from './helpers.ts';

const AT = 'https://thdt.quan.gov.vn';
const answer = (status: number, headers: Record<string, string> = {}) => ({ status, headers: new Headers(headers) });

test.each([
  ['the collector', answer(200), '{"status":"ok"}', null],
  ['a relay, which passes no such address on', answer(404), '{"error":{"code":"not-found","message":"x"}}', null],
  ['a collector that is ill', answer(503), '{"error":{"code":"busy","message":"x"}}', 'đang bận'],
  ['a captive portal', answer(302, { location: 'http://login.wifi.vn/?u=1' }), '', 'login.wifi.vn: có trang đăng nhập'],
  ['a collector that moved', answer(301, { location: '/thdt' }), '', 'chép lại đúng địa chỉ'],
  ['a network that wants a login', answer(511), '', 'mạng đòi đăng nhập'],
  ['a page of anybody', answer(200), '\n<!doctype html><title>Modem</title>', 'một trang web, không phải collector'],
  ['another API', answer(200), '{"hello":1}', 'không phải collector THĐT (HTTP 200)'],
])('doctor tells %s by its answer', (_, response, text, says) => {
  const problem = problemOf(AT, response, text);
  if (says === null) expect(problem).toBeNull();
  else expect(problem).toContain(says);
});

test.each([
  ['ENOTFOUND', 'DNS'],
  ['CERT_HAS_EXPIRED', 'giờ của máy'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'bộ lọc mạng'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'chứng chỉ'],
  ['ECONNREFUSED', 'không có gì nghe'],
  ['ENETUNREACH', 'không có đường ra'],
  ['ECONNRESET', 'tường lửa'],
  ['ETIMEDOUT', 'không có trả lời'],
  ['UND_ERR_CONNECT_TIMEOUT', 'không có trả lời'],
])('doctor has a next step for %s', (code, says) => expect(nextStepOf(code, AT)).toContain(says));

test('the collector’s own clock is read, and a wrong one of this machine is told with its length', async () => {
  const collector = await FakeCollector.start();
  const date = (aheadMs: number) => ({ date: new Date(Date.now() + aheadMs).toUTCString() });
  collector.instead = () => ({ status: 200, headers: date(3_600_000), body: { status: 'ok' } });
  const { problems, aheadMs } = await askCollector(collector.url);
  expect(problems).toEqual([]);
  expect(Math.abs(aheadMs! - 3_600_000)).toBeLessThan(5_000);
  expect((await clockCheck(scratch(), aheadMs)).problems).toEqual([expect.stringContaining('chậm 60 phút')]);
  expect((await clockCheck(scratch(), -40_000)).problems).toEqual([expect.stringContaining('nhanh 40 giây')]);
  expect((await clockCheck(scratch(), 2_000)).problems).toEqual([]);
  expect([isInside(collector.url), isInside(AT)]).toEqual([true, false]);
});

test('what the example left behind is named by its place', async () => {
  const example = loadConfig(path.join(import.meta.dirname, '../../../agent/example.json'), probes);
  const problems = await configProblems(example);
  for (const place of ['"collector"', '/probes/camera/targets/0/password', '/probes/internet-speed/providers/0/token'])
    expect(problems).toContainEqual(expect.stringContaining(place));
  const file = writeConfig(scratch(), { probes: { camera: { targets: [{ id: 'sân', address: '10.0.0.9' }] } } });
  expect(credentialCautions(loadConfig(file, probes))).toEqual([
    expect.stringContaining('camera sân chưa có mật khẩu'),
  ]);
});

test('another machine on the data folder is known by its count of time; a crashed agent is none', async () => {
  const dir = scratch();
  const hold = (uptimeS: number, ageS: number) => {
    const file = path.join(dir, 'run.lock');
    writeFileSync(file, JSON.stringify({ pid: 2 ** 22 + 1, uptimeS, what: 'run' }));
    const at = Date.now() / 1000 - ageS;
    utimesSync(file, at, at);
  };
  hold(uptime() + 5_000, 10);
  expect(await dataDirProblems(dir)).toContainEqual(expect.stringContaining('một máy khác đang dùng'));
  hold(uptime() - 10, 10);
  expect(await dataDirProblems(dir)).not.toContainEqual(expect.stringContaining('một máy khác'));
  hold(uptime() + 5_000, 3_600);
  expect(await dataDirProblems(dir)).not.toContainEqual(expect.stringContaining('một máy khác'));
  expect(await serviceCautions(dir)).toEqual([expect.stringContaining('chưa chạy thường trực')]);
  writeFileSync(path.join(dir, 'file'), '');
  expect(await dataDirProblems(path.join(dir, 'file'))).toEqual([expect.stringContaining('không ghi được')]);
});

test('reports that are refused, or wait for long, are told', async () => {
  const dir = scratch();
  const paused = { code: 'agent-revoked', message: 'Đã thu hồi.', since: '2026-11-24T04:00:00.000Z' };
  writeFileSync(path.join(dir, 'state.json'), JSON.stringify({ paused, skippedReports: 3 }));
  const check = await sendingCheck(dir);
  expect(check.problems).toEqual([expect.stringContaining('agent-revoked: Đã thu hồi): xin mã mới')]);
  expect(check.cautions).toEqual([expect.stringContaining('3 bản tin mới không giữ được')]);
  const other = scratch();
  mkdirSync(path.join(other, 'spool/pending'), { recursive: true });
  writeFileSync(path.join(other, 'spool/pending/01900000-0000-7000-8000-000000000000.jws'), 'x');
  expect((await sendingCheck(other)).problems).toEqual([expect.stringContaining('1 bản tin chờ gửi từ')]);
});
