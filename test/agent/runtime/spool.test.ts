import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import { describe, expect, it } from 'vitest';
import { Spool, SpoolFullError } from '../../../agent/spool/spool.ts';
import { madeAt, pendingDir, rejectedDir, survey } from '../../../agent/spool/survey.ts';
import { scratch } from './helpers.ts';

const ids = (count: number) => Array.from({ length: count }, () => uuidv7());

describe('the spool', () => {
  it('keeps reports over a restart, oldest first, until they are acknowledged', async () => {
    const dir = scratch();
    const [a, b, c] = ids(3) as [string, string, string];
    const spool = await Spool.open(dir);
    for (const id of [b, a, c]) await spool.add(id, `jws ${id}`);
    expect(spool.list()).toEqual([a, b, c]);
    await spool.remove(b);
    const again = await Spool.open(dir);
    expect(again.list()).toEqual([a, c]);
    expect(await again.read(c)).toBe(`jws ${c}`);
    expect(again.pendingBytes).toBe(spool.pendingBytes);
  });

  it('sets a report aside with its reason', async () => {
    const dir = scratch();
    const [a, b] = ids(2) as [string, string];
    const spool = await Spool.open(dir);
    await spool.add(a, 'x');
    await spool.add(b, 'y');
    await spool.setAside(a, 'signature-invalid', 'chữ ký sai');
    expect(spool.list()).toEqual([b]);
    expect((await survey(dir)).rejected).toMatchObject([{ id: a, code: 'signature-invalid', message: 'chữ ký sai' }]);
    expect(readFileSync(path.join(rejectedDir(dir), `${a}.jws`), 'utf8')).toBe('x');
  });

  it('when full keeps the old reports and takes no new one', async () => {
    const [a, b, c] = ids(3) as [string, string, string];
    const byFiles = await Spool.open(scratch(), { maxPendingFiles: 2 });
    await byFiles.add(a, 'x');
    await byFiles.add(b, 'x');
    await expect(byFiles.add(c, 'x')).rejects.toThrow(SpoolFullError);
    await byFiles.remove(a);
    await byFiles.add(c, 'x');
    expect(byFiles.list()).toEqual([b, c]);

    const byBytes = await Spool.open(scratch(), { maxPendingBytes: 10 });
    await byBytes.add(a, '123456');
    await expect(byBytes.add(b, '12345')).rejects.toThrow(SpoolFullError);
    await byBytes.add(c, '1234');
    expect(byBytes.list()).toEqual([a, c]);
  });

  it('bounds the rejected by deleting the oldest of them, and counts', async () => {
    const dir = scratch();
    const spool = await Spool.open(dir, { maxRejectedFiles: 2 });
    const all = ids(5);
    const dropped: number[] = [];
    for (const id of all) {
      await spool.add(id, 'x');
      dropped.push(await spool.setAside(id, 'report-invalid', 'm'));
    }
    expect([spool.rejected, dropped]).toEqual([2, [0, 0, 1, 1, 1]]);
    expect(readdirSync(rejectedDir(dir)).sort()).toEqual(all.slice(3).flatMap((id) => [`${id}.json`, `${id}.jws`]));
  });

  it('clears away what a crash left, and leaves files of others alone', async () => {
    const dir = scratch();
    const [a, b] = ids(2) as [string, string];
    mkdirSync(pendingDir(dir), { recursive: true });
    mkdirSync(rejectedDir(dir), { recursive: true });
    writeFileSync(path.join(pendingDir(dir), `${a}.jws.123.tmp`), 'half');
    writeFileSync(path.join(pendingDir(dir), `${b}.jws`), 'whole');
    writeFileSync(path.join(pendingDir(dir), 'note.txt'), 'a person’s');
    writeFileSync(path.join(rejectedDir(dir), `${b}.json`), '{}');
    const spool = await Spool.open(dir);
    expect(spool.list()).toEqual([b]);
    expect(readdirSync(pendingDir(dir)).sort()).toEqual([`${b}.jws`, 'note.txt']);
    expect(readdirSync(rejectedDir(dir))).toEqual([]);
  });

  it('goes on when a person deleted a report', async () => {
    const dir = scratch();
    const spool = await Spool.open(dir);
    const id = uuidv7();
    await spool.add(id, 'x');
    rmSync(path.join(pendingDir(dir), `${id}.jws`));
    expect([await spool.read(id), spool.pending, spool.pendingBytes]).toEqual([null, 0, 0]);
  });

  it('takes only report ids as names', async () => {
    const spool = await Spool.open(scratch());
    await expect(spool.add('../../etc/passwd', 'x')).rejects.toThrow(TypeError);
  });

  it('tells when a report was made', () => {
    const before = Date.now();
    const made = madeAt(uuidv7()).getTime();
    expect(made - before).toBeGreaterThanOrEqual(0);
    expect(made - before).toBeLessThan(1000);
  });

  it('law: never loses an unacknowledged report, never gives back an acknowledged one', async () => {
    // A crash is a process that is gone without closing, with what it may leave: half files, half a setAside.
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), size: fc.nat(40) }) },
      {
        weight: 2,
        arbitrary: fc.record({ do: fc.constantFrom('ack' as const, 'reject' as const), pick: fc.nat(1000) }),
      },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), pick: fc.nat(1000) }) },
    );
    const limits = { maxPendingFiles: 12, maxPendingBytes: 300, maxRejectedFiles: 4 };
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const dir = scratch();
        let spool = await Spool.open(dir, limits);
        const waiting = new Map<string, string>();
        const picked = (pick: number) => [...waiting.keys()][pick % Math.max(1, waiting.size)];
        for (const one of steps) {
          if (one.do === 'add') {
            const id = uuidv7();
            const jws = 'x'.repeat(one.size);
            const kept = await spool.add(id, jws).then(
              () => true,
              (error: unknown) => {
                expect(error).toBeInstanceOf(SpoolFullError);
                return false;
              },
            );
            if (kept) waiting.set(id, jws);
          } else if (one.do === 'crash') {
            writeFileSync(path.join(pendingDir(dir), `${uuidv7()}.jws.9.tmp`), 'half');
            const half = picked(one.pick);
            if (half) writeFileSync(path.join(rejectedDir(dir), `${half}.json`), '{"id":"');
            spool = await Spool.open(dir, limits);
          } else {
            const id = picked(one.pick);
            if (!id) continue;
            if (one.do === 'ack') await spool.remove(id);
            else await spool.setAside(id, 'report-invalid', 'm');
            waiting.delete(id);
          }
          expect(spool.list()).toEqual([...waiting.keys()].sort());
          expect(spool.pendingBytes).toBe(waiting.values().reduce((sum, jws) => sum + jws.length, 0));
        }
        const reopened = await Spool.open(dir, limits);
        expect(reopened.list()).toEqual([...waiting.keys()].sort());
        for (const [id, jws] of waiting) expect(await reopened.read(id)).toBe(jws);
        expect(reopened.rejected).toBeLessThanOrEqual(4);
        rmSync(dir, { recursive: true });
      }),
      { numRuns: 150 },
    );
  });
});
