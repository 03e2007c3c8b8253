import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Holder, LockHeldError, takeLock, waitForLock } from '../../../agent/process-lock.ts';
import { scratch } from './helpers.ts';
import { otherProcess } from './lock-holder.ts';

const newLock = () => path.join(scratch(), 'run.lock');
/** A process that lives as long as this test and is not its own. */
const ALIVE = process.ppid;
const DEAD = 2 ** 22 + 1; // above Linux's largest
const left = (file: string, holder: Partial<Holder> | string) =>
  writeFileSync(
    file,
    typeof holder === 'string' ? holder : JSON.stringify({ pid: ALIVE, uptimeS: uptime(), what: 'run', ...holder }),
  );

describe('a lock between processes', () => {
  it('is held against another process until it is released', async () => {
    const file = newLock();
    const other = await otherProcess(file);
    expect(other.said).toBe('held');
    const refused = await takeLock(file, 'run').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(LockHeldError);
    expect((refused as LockHeldError).holder).toMatchObject({ pid: other.child.pid, what: 'internet-speed' });
    await other.end();
    expect(existsSync(file)).toBe(false);
    const lock = await takeLock(file, 'run');
    const second = await otherProcess(file);
    expect(second.said).toBe(String(process.pid));
    await second.end();
    lock.release();
    expect(readdirSync(path.dirname(file))).toEqual([]);
  });

  it('is taken over from a process that was killed', async () => {
    const file = newLock();
    const other = await otherProcess(file);
    const gone = new Promise((resolve) => other.child.once('exit', resolve));
    other.child.kill('SIGKILL');
    await gone;
    (await takeLock(file, 'run')).release();
    expect(existsSync(file)).toBe(false);
  });

  it.each<[string, Partial<Holder> | string]>([
    ['of a process that is gone', { pid: DEAD }],
    ['of before the machine was started anew, its id now another program’s', { uptimeS: uptime() + 3600 }],
    ['that its holder has not written to for long', { uptimeS: uptime() - 3600 }],
    ['of an earlier process of the same id', { pid: process.pid }],
    ['that is empty', ''],
    ['of an earlier version', '1'],
    ['that is torn', '{"pid":12'],
  ])('is taken over from a file %s', async (_, holder) => {
    const file = newLock();
    left(file, holder);
    const lock = await takeLock(file, 'run');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid, what: 'run' });
    lock.release();
    expect(existsSync(file)).toBe(false);
  });

  it('is not taken from another program that lives and writes, and not removed for it', async () => {
    const file = newLock();
    const lock = await takeLock(file, 'run');
    left(file, {});
    await expect(takeLock(file, 'run')).rejects.toThrow(LockHeldError);
    lock.release();
    expect(JSON.parse(readFileSync(file, 'utf8')).pid).toBe(ALIVE);
  });

  it('goes to one of many that find a stale one at once', async () => {
    const file = newLock();
    left(file, { pid: DEAD });
    const all = await Promise.all(Array.from({ length: 6 }, () => otherProcess(file)));
    expect(all.filter(({ said }) => said === 'held')).toHaveLength(1);
    await Promise.all(all.map((one) => one.end()));
  });

  it('is waited for, and not for ever', async () => {
    const file = newLock();
    const other = await otherProcess(file);
    const holders: number[] = [];
    const onWait = ({ pid }: Holder) => holders.push(pid);
    await expect(waitForLock(file, 'run', { withinMs: 300, onWait })).rejects.toThrow(LockHeldError);
    await expect(waitForLock(file, 'run', { withinMs: 60_000, signal: AbortSignal.abort() })).rejects.toThrow();
    const waiting = waitForLock(file, 'run', { withinMs: 60_000, onWait });
    await other.end();
    (await waiting).release();
    expect(holders[0]).toBe(other.child.pid);
  });
});
