import { type ChildProcess, fork } from 'node:child_process';
import { networkInterfaces } from 'node:os';
import { addressesOf, MAX_SWEEP } from '../discovery/ranges.ts';
import type { Told } from './discover-child.ts';

/** A search for devices that a person at the page began: one at a time, in a process of its own. */

export interface SearchState {
  state: 'running' | 'stopping' | 'done' | 'stopped' | 'failed';
  /** What was asked for; null: only who the system's neighbour table knows. */
  range: string | null;
  step: 'asking' | 'learning';
  done: number;
  total: number;
  /** What it said last, in Vietnamese. */
  line: string;
}

/** 4,096 addresses that nothing answers at, and room. */
const DEADLINE_MS = 20 * 60_000;
/** A child that was told to stop and does not. */
const STOP_MS = 10_000;
const MAX_HEAP_MB = 256;

export class Search {
  state: SearchState | null = null;
  #child: ChildProcess | null = null;
  #ended: Promise<void> = Promise.resolve();

  /** False while another one runs. Throws SweepRangeError before anybody is asked. */
  start(file: string, range: string | null): boolean {
    if (this.#child) return false;
    const ranges = range === null ? [] : [range];
    addressesOf(ranges);
    const state: SearchState = { state: 'running', range, step: 'asking', done: 0, total: 0, line: '' };
    this.state = state;
    const child = fork(new URL('./discover-child.ts', import.meta.url), [JSON.stringify({ file, ranges })], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [`--max-old-space-size=${MAX_HEAP_MB}`, '--no-warnings'],
      env: { ...process.env, NODE_OPTIONS: '' },
    });
    this.#child = child;
    const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
    child.on('message', (told: Told) => follow(state, told));
    child.on('error', () => {});
    this.#ended = new Promise((resolve) => {
      child.once('close', () => {
        clearTimeout(timer);
        if (state.state === 'running' || state.state === 'stopping') state.state = 'failed';
        this.#child = null;
        resolve();
      });
    });
    return true;
  }

  /** Ends the search early; what it has found by then is kept. */
  async stop(): Promise<void> {
    const child = this.#child;
    if (!child || !this.state) return;
    this.state.state = 'stopping';
    if (child.connected) child.send('stop', () => {});
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}

function follow(state: SearchState, told: Told): void {
  if (told.kind === 'step') Object.assign(state, { step: told.step, done: told.done, total: told.total });
  if (told.kind === 'said') state.line = told.line;
  if (told.kind === 'end') state.state = told.whole ? 'done' : 'stopped';
  if (told.kind === 'failed') Object.assign(state, { state: 'failed', line: told.message });
}

/** This machine's own network as a range that may be swept, for a form to begin with; empty where it has none inside. */
export function ownRange(interfaces = networkInterfaces()): string {
  for (const own of Object.values(interfaces).flatMap((list) => list ?? [])) {
    if (own.internal || own.family !== 'IPv4' || !own.cidr) continue;
    const bits = Number(own.cidr.split('/')[1]);
    // Of a network too large to ask whole, the part around this machine.
    const range = `${own.address}/${2 ** (32 - bits) > MAX_SWEEP ? 24 : bits}`;
    try {
      addressesOf([range]);
      return networkOf(own.address, Number(range.split('/')[1]));
    } catch {
      // A public address: not the school's own to ask.
    }
  }
  return '';
}

function networkOf(address: string, bits: number): string {
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
  const size = 2 ** (32 - bits);
  const base = Math.floor(number / size) * size;
  return `${[24, 16, 8, 0].map((shift) => Math.floor(base / 2 ** shift) % 256).join('.')}/${bits}`;
}
