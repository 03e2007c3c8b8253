import { LockHeldError, takeLock } from '../../../agent/process-lock.ts';

/** Takes the lock at the path it is given, says `held` or the pid of who has it, and keeps it until it is told to end. */

try {
  const lock = await takeLock(process.argv[2]!, 'internet-speed');
  process.on('message', () => {
    lock.release();
    process.disconnect();
  });
  process.send!('held');
} catch (error) {
  if (!(error instanceof LockHeldError)) throw error;
  process.on('message', () => process.disconnect());
  process.send!(String(error.holder.pid));
}
