import jpeg from 'jpeg-js';

/** The room before a simulated camera: a wall, a window, a person who walks, and the noise of the sensor. */

export const WIDTH = 320;
export const HEIGHT = 240;

/** Mulberry32: small numbers between 0 and 1, the same for the same seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * Frame number `frame` as JPEG. `light` 1 is day and 0 a covered lens; `noise` is the spread of the sensor's noise in
 * levels of 255.
 */
export function picture(frame: number, random: () => number, light = 1, noise = 4): Buffer {
  const data = Buffer.alloc(WIDTH * HEIGHT * 4);
  const walker = (frame * 23) % WIDTH;
  for (let y = 0, i = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++, i += 4) {
      let level = 70 + (y * 60) / HEIGHT + (x * 30) / WIDTH;
      if (x > 210 && x < 290 && y > 40 && y < 110) level = 220;
      if (Math.abs(x - walker) < 14 && y > 90 && y < 220) level = 45;
      level = level * light + (random() + random() + random() - 1.5) * noise * 2 + 3;
      data[i] = data[i + 1] = data[i + 2] = Math.max(0, Math.min(255, level));
      data[i + 3] = 255;
    }
  }
  return jpeg.encode({ data, width: WIDTH, height: HEIGHT }, 80).data;
}
