import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mendHint } from '../../../deploy/start.ts';
import { startControl } from '../../school/control.ts';
import { startSchool } from '../../school/school.ts';
import { scratch } from '../runtime/helpers.ts';
import { otherProcess } from '../runtime/lock-holder.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const NODE = path.join(ROOT, 'node_modules/.bin/node');

function command(script: string, ...argv: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) =>
    execFile(NODE, [path.join(ROOT, 'deploy', script), ...argv], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr }),
    ),
  );
}

describe('npm start', () => {
  it.each([
    [['--bogus'], 'không có lựa chọn --bogus'],
    [['more'], 'thừa "more"'],
    [['--data'], 'thiếu giá trị sau --data'],
    [['--port', 'http'], '--port http không phải số cổng'],
    [['--port', '70000'], '--port 70000 không phải số cổng'],
  ])('refuses %j with one line, the usage and exit 2', async (argv, words) => {
    const { code, stdout, stderr } = await command('start.ts', ...argv);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^start: [^\n]+ Cách dùng: npm start -- [^\n]+\n$/);
    expect(stderr).toContain(words);
  });

  it('is refused on a data directory that another uses', async () => {
    const data = scratch();
    const other = await otherProcess(path.join(data, 'start.pid'));
    const { code, stderr } = await command('start.ts', '--data', data, '--port', '0');
    expect(code).toBe(1);
    expect(stderr).toBe(`start: thư mục ${data} đang được tiến trình ${other.child.pid} dùng\n`);
    expect(readdirSync(path.join(data, 'agent'))).toEqual([]);
  });

  it('names the data directory in the command that mends a camera, unless it is the usual one', () => {
    expect(mendHint('data')).toMatch(/practice -- cam-frozen live$/);
    expect(mendHint('/srv/thdt')).toMatch(/practice -- --data \/srv\/thdt cam-frozen live$/);
    expect(mendHint('du lieu')).toMatch(/practice -- --data "du lieu" cam-frozen live$/);
  });
});

describe('npm run practice', () => {
  async function school() {
    const started = await startSchool();
    const control = await startControl(started);
    onTestFinished(async () => {
      await control.close();
      await started.close();
    });
    const data = scratch();
    writeFileSync(path.join(data, 'practice.json'), JSON.stringify({ control: control.url }));
    return { started, data };
  }

  it('mends a device, and names devices and modes to one who leaves them out or slips', async () => {
    const { started, data } = await school();
    const practice = (...argv: string[]) => command('set-device.ts', '--data', data, ...argv);
    const modes = 'live | frozen | dark | auth | no-stream | dead | refusing';
    for (const [argv, line] of [
      [['cam-frozen'], `practice: thiếu chế độ cho cam-frozen; có: ${modes}\n`],
      [['cam-frzen', 'live'], expect.stringMatching(/^practice: không có thiết bị "cam-frzen"; có: .*cam-frozen.*\n$/)],
      [['cam-frozen', 'alive'], `practice: cam-frozen không có chế độ "alive"; có: ${modes}\n`],
      [['cam-frozen', 'live', 'now'], expect.stringMatching(/^practice: thừa "now"[^\n]+\n$/)],
      [['--bogus'], expect.stringMatching(/^practice: không có lựa chọn --bogus[^\n]+\n$/)],
    ] as const) {
      const refused = await practice(...argv);
      expect(refused).toEqual({ code: 2, stdout: '', stderr: line });
      expect(refused.stderr).not.toContain('phải đang chạy');
    }
    expect((await practice('cam-frozen', 'live')).code).toBe(0);
    expect(started.devices().find(({ id }) => id === 'cam-frozen')?.mode).toBe('live');
    expect((await practice()).stdout.trim().split('\n')).toHaveLength(started.devices().length);
  });

  it('says that npm start must be running where that is why', async () => {
    const none = await command('set-device.ts', '--data', scratch());
    const data = scratch();
    writeFileSync(path.join(data, 'practice.json'), '{"control":"http://127.0.0.1:9"}');
    const gone = await command('set-device.ts', '--data', data, 'cam-frozen', 'live');
    for (const { code, stderr } of [none, gone]) {
      expect(code).toBe(2);
      expect(stderr).toMatch(/^practice: [^\n]+npm start phải đang chạy[^\n]*\n$/);
    }
  });
});
