import { EventEmitter } from 'node:events';
import type { Changed } from './api/schemas/overview.ts';

/** Live updates inside one collector: who publishes does not know who listens. */
export class Live {
  readonly #emitter = new EventEmitter().setMaxListeners(0);

  publish(change: Changed): void {
    this.#emitter.emit('changed', change);
  }

  /** Changes from now on, until `signal` aborts. A slow reader misses repeats of a school, never a school. */
  async *changes(signal: AbortSignal): AsyncGenerator<Changed> {
    const waiting = new Map<string, Changed>();
    let wake: () => void = () => undefined;
    const onChange = (change: Changed) => {
      waiting.set(change.schoolId, change);
      wake();
    };
    const onAbort = () => wake();
    this.#emitter.on('changed', onChange);
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        if (waiting.size === 0)
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        for (const [id, change] of waiting) {
          waiting.delete(id);
          yield change;
        }
      }
    } finally {
      this.#emitter.off('changed', onChange);
      signal.removeEventListener('abort', onAbort);
    }
  }
}
