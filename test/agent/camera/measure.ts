import { Compile } from 'typebox/compile';
import { expect } from 'vitest';
import { camera } from '../../../agent/probes/camera/camera.ts';
import type { Outcome } from '../../../agent/probes/probe.ts';
import { probeContext } from '../context.ts';

/** Runs the camera probe on one device as the runner does, and says what it logged. */

export interface At {
  address: string;
  port: number;
  username?: string;
  password?: string;
}

export interface Measured {
  outcome: Outcome;
  memory: Map<string, unknown>;
  log: string[];
  tookMs: number;
}

const schema = Compile(camera.schema);

export async function measure(
  device: At,
  { memory = new Map<string, unknown>(), answerMs = 1500, gapMs = 200, signal = new AbortController().signal } = {},
): Promise<Measured> {
  const { address, port, username, password } = device;
  const target = {
    id: 'cam',
    address,
    port,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
  };
  const config = { targets: [target], answerMs, gapMs };
  expect(schema.Check(config)).toBe(true);
  const log: string[] = [];
  const startedAt = performance.now();
  const outcome = await camera.run(
    target,
    config,
    probeContext(signal, { memory, log: (message, detail) => log.push(`${message} ${JSON.stringify(detail)}`) }),
  );
  return { outcome, memory, log, tookMs: performance.now() - startedAt };
}
