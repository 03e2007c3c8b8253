import { lookup } from 'node:dns/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { exchange, type Peer, TroubleError } from './exchange.ts';
import { LIVE_CELLS } from './judge.ts';
import type { Change, Job, Message, Stage } from './messages.ts';
import { askOnvif, clean } from './onvif.ts';
import { changeBetween, type Picture, readPicture } from './picture.ts';
import { boundNodeOnvif } from './soap-transport.ts';

/**
 * The process in which a camera is talked to: node-onvif, XML and JPEG of a device that nobody vouches for. It knows
 * one camera's password, may read the program's files and write none, and is killed when its time is over (contained.ts).
 */

/** Largest snapshot, bytes. A 4K JPEG of high quality has about 3 MiB. */
const MAX_SNAPSHOT_BYTES = 4 * 1024 * 1024;
/** Pictures in one run: two, and a third, later, for cameras that serve the same snapshot for some seconds. */
const MAX_PICTURES = 3;

/** Ends the child where its parent was killed and cannot, ms. */
const ORPHAN_MS = 30_000;

let stage: Stage = 'reach';
const tell = (message: Message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function main(): Promise<void> {
  const job = JSON.parse(await text(process.stdin)) as Job;
  const credentials = job.username === '' ? undefined : { username: job.username, password: job.password };
  // Resolved once, so that a name cannot point elsewhere in the middle of the run.
  const ip = await lookup(job.host).catch(() => {
    throw new TroubleError('unresolved', false, 'the name has no address');
  });
  const peer: Peer = { host: job.host, port: job.port, ip: ip.address, credentials };
  boundNodeOnvif(peer, job.answerMs);
  const snapshotAt = await askOnvif(peer, credentials, (facts) => {
    stage = 'onvif';
    tell({ kind: 'facts', facts });
  });
  stage = 'picture';
  await watch(snapshotAt, peer, job);
}

/** Takes pictures until one has changed, at most MAX_PICTURES, and tells their figures. */
async function watch(url: URL, peer: Peer, job: Job): Promise<void> {
  let last = await takePicture(url, peer, job.answerMs);
  const figures = [figuresOf(last)];
  let change: Change = { cells: 0, luma: 0 };
  for (let taken = 1; taken < MAX_PICTURES && change.cells < LIVE_CELLS; taken++) {
    await pause(job.gapMs * (taken === 1 ? 1 : 3));
    const next = await takePicture(url, peer, job.answerMs);
    figures.push(figuresOf(next));
    const latest = changeBetween(last, next);
    if (latest.cells >= change.cells) change = latest;
    last = next;
  }
  tell({ kind: 'pictures', pictures: figures, change });
}

async function takePicture(url: URL, peer: Peer, withinMs: number): Promise<Picture> {
  const answer = await exchange({ method: 'GET', url, maxBytes: MAX_SNAPSHOT_BYTES, withinMs }, peer);
  if (answer.status === 403) throw new TroubleError('auth', true, 'snapshot: HTTP 403');
  if (answer.status !== 200) throw new TroubleError('not-live', true, `snapshot: HTTP ${answer.status}`);
  try {
    return readPicture(answer.body);
  } catch (error) {
    const message = clean(String((error as Error).message));
    throw new TroubleError(/limit exceeded/.test(message) ? 'too-large' : 'malformed', true, `snapshot: ${message}`);
  }
}

const figuresOf = ({ pixels: _, ...figures }: Picture) => figures;

setTimeout(() => process.exit(1), ORPHAN_MS).unref();
try {
  await main();
} catch (error) {
  const trouble =
    error instanceof TroubleError ? error : new TroubleError('failed', stage !== 'reach', clean(String(error)));
  tell({ kind: 'trouble', stage, code: trouble.code, heard: trouble.heard, message: trouble.message });
}
