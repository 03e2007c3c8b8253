/** How much of the district's line speed tests may take, as the command line states it. */

export interface SpeedOptions {
  /** false: no turn is ever given; `address` goes on answering. */
  enabled: boolean;
  /** Payload of one direction of the turn, Mbps (10^6 bits a second); null: no limit of ours. */
  limitMbps: number | null;
  /** Most bytes of one turn, both directions together. */
  maxBytes: number;
  /** Longest that one turn lasts, seconds. */
  maxSeconds: number;
  /** Turns that one agent gets in an hour. */
  turnsPerHour: number;
}

/** 600 MB: ten seconds at the limit each way, and as much again for the slow start. */
export const DEFAULT_SPEED: SpeedOptions = {
  enabled: true,
  limitMbps: 200,
  maxBytes: 600e6,
  maxSeconds: 40,
  turnsPerHour: 6,
};

/** For `parseArgs`. */
export const SPEED_FLAGS = {
  'no-speed': { type: 'boolean', default: false },
  'speed-mbps': { type: 'string' },
  'speed-megabytes': { type: 'string' },
  'speed-seconds': { type: 'string' },
  'speed-turns': { type: 'string' },
} as const;

/** The same for people. */
export const SPEED_USAGE =
  '[--no-speed] [--speed-mbps N] [--speed-megabytes N] [--speed-seconds N] [--speed-turns N an hour]';

type Flags = { 'no-speed'?: boolean | undefined } & {
  [name in Exclude<keyof typeof SPEED_FLAGS, 'no-speed'>]?: string | undefined;
};

/** Options from flags; `--speed-mbps 0` is no limit. Throws TypeError naming the flag that is out of range. */
export function speedOptions(flags: Flags): SpeedOptions {
  const number = (name: Exclude<keyof Flags, 'no-speed'>, least: number, most: number, otherwise: number) => {
    const text = flags[name];
    if (text === undefined) return otherwise;
    const value = Number(text);
    if (!/^\d+(\.\d+)?$/.test(text) || value < least || value > most)
      throw new TypeError(`--${name} ${text}: a number from ${least} to ${most}`);
    return value;
  };
  return {
    enabled: !flags['no-speed'],
    limitMbps: number('speed-mbps', 0, 10_000, DEFAULT_SPEED.limitMbps ?? 0) || null,
    maxBytes: number('speed-megabytes', 1, 100_000, DEFAULT_SPEED.maxBytes / 1e6) * 1e6,
    maxSeconds: number('speed-seconds', 5, 120, DEFAULT_SPEED.maxSeconds),
    turnsPerHour: Math.floor(number('speed-turns', 1, 60, DEFAULT_SPEED.turnsPerHour)),
  };
}
