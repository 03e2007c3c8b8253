import type { IncomingMessage } from 'node:http';
import type { SpeedUpload } from '../../shared/wire/speed.ts';
import type { Turn } from './turns.ts';

/**
 * Reads and drops a body at the turn's pace until it ends, the client vanishes, or the turn is over or used up, and says
 * what came. Nothing is kept: while the pace does not allow more, the socket is not read, and TCP holds the sender back.
 * Never rejects. The caller has entered the turn; it is left here.
 */
export function receive(body: IncomingMessage, turn: Turn): Promise<SpeedUpload> {
  return new Promise((resolve) => {
    let bytes = 0;
    let first = 0;
    let last = 0;
    let resuming: NodeJS.Timeout | undefined;
    let isDone = false;
    const finish = () => {
      if (isDone) return;
      isDone = true;
      clearTimeout(resuming);
      turn.ended.removeEventListener('abort', finish);
      body.off('data', take);
      body.pause();
      turn.leave();
      resolve({ bytes, seconds: Math.round(last - first) / 1000 });
    };
    const take = (piece: Buffer) => {
      last = performance.now();
      if (bytes === 0) first = last;
      bytes += piece.length;
      turn.bytesLeft -= piece.length;
      turn.up.spend(piece.length);
      if (turn.bytesLeft <= 0) return finish();
      const waitMs = turn.up.waitMs(last);
      if (waitMs < 1) return;
      body.pause();
      resuming = setTimeout(() => body.resume(), waitMs);
    };
    turn.ended.addEventListener('abort', finish, { once: true });
    body.once('end', finish);
    body.once('close', finish);
    // A client that goes away in mid-body is an error of the stream, and may be one after the answer as well.
    body.on('error', finish);
    body.on('data', take);
    if (turn.ended.aborted || turn.bytesLeft <= 0) finish();
  });
}
