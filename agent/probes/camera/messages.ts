/** What the probe and its child process say to each other: one job as JSON on stdin, JSON lines on stdout. */

/** What the child is to do. Credentials travel here, over stdin, and never as arguments or environment. */
export interface Job {
  host: string;
  port: number;
  username: string;
  password: string;
  /** Longest wait for one whole answer, ms. */
  answerMs: number;
  /** Time between two pictures, ms. */
  gapMs: number;
}

/** What the device says of itself over ONVIF. Strings are cut and hold no control characters. */
export interface Facts {
  manufacturer?: string;
  model?: string;
  firmware?: string;
  /** RTSP address at the configured host, without credentials. */
  streamUri?: string;
  /** The camera's clock minus ours, seconds. */
  clockOffsetS?: number;
  /** Another host that the camera names in its addresses; nothing was sent there. */
  announcedHost?: string;
}

/** A picture reduced to figures; the picture itself stays in the child and dies with it. */
export interface Figures {
  /** SHA-256 of the JPEG's bytes, hex. */
  digest: string;
  bytes: number;
  width: number;
  height: number;
  /** Mean luma (0–255) of each cell of the grid, row by row. */
  luma: number[];
}

/** How two pictures differ. */
export interface Change {
  /** Share of the grid's cells that differ at all, 0–1. */
  cells: number;
  /** Mean absolute difference of luma over all pixels, levels of 255. */
  luma: number;
}

/** Why an exchange with the camera failed; every code is a `Reason` of the probe contract. */
export type Trouble =
  | 'timeout'
  | 'refused'
  | 'unreachable'
  | 'unresolved'
  | 'auth'
  | 'malformed'
  | 'too-large'
  | 'not-live'
  | 'failed';

/** How far the child came: the device's network, its ONVIF services, its picture. */
export type Stage = 'reach' | 'onvif' | 'picture';

export type Message =
  | { kind: 'facts'; facts: Facts }
  | { kind: 'pictures'; pictures: Figures[]; change: Change }
  /** `heard`: the host sent at least one byte or refused, so something lives at the address. */
  | { kind: 'trouble'; stage: Stage; code: Trouble; heard: boolean; message: string };
