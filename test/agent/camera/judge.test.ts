import fc from 'fast-check';
import jpeg from 'jpeg-js';
import { describe, expect, it } from 'vitest';
import { judge, LIVE_CELLS, type Remembered } from '../../../agent/probes/camera/judge.ts';
import type { Figures } from '../../../agent/probes/camera/messages.ts';
import { changeBetween, GRID, readPicture } from '../../../agent/probes/camera/picture.ts';
import { picture, randomFrom } from '../../school/scene.ts';

const MINUTE = 60_000;
const cells = (level: fc.Arbitrary<number>) => fc.array(level, { minLength: GRID * GRID, maxLength: GRID * GRID });
const digest = fc.stringMatching(/^[0-9a-f]{8}$/);
const figures = (digestOf: fc.Arbitrary<string> = digest): fc.Arbitrary<Figures> =>
  fc.record({
    digest: digestOf,
    bytes: fc.nat(4_000_000),
    width: fc.constant(640),
    height: fc.constant(480),
    luma: fc.oneof(cells(fc.double({ min: 0, max: 255, noNaN: true })), cells(fc.integer({ min: 0, max: 30 }))),
  });
const change = fc.record({
  cells: fc.double({ min: 0, max: 1, noNaN: true }),
  luma: fc.double({ min: 0, max: 255, noNaN: true }),
});
const last: fc.Arbitrary<Remembered | undefined> = fc.option(
  fc.record({ digests: fc.array(digest, { maxLength: 12 }), at: fc.nat(1e6), unchangedSince: fc.nat(1e6) }),
  { nil: undefined },
);
const pictures = fc.array(figures(), { minLength: 1, maxLength: 3 });
const runs = { numRuns: 100 };

describe('laws of the judgement', () => {
  it('pictures that are byte for byte the same are never live', () => {
    fc.assert(
      fc.property(figures(), fc.integer({ min: 1, max: 3 }), change, last, (one, times, moved, before) => {
        expect(judge(Array(times).fill(one), moved, before, 2e6).state).not.toBe('live');
      }),
      runs,
    );
  });

  it('a change of fewer cells than a clock in the picture takes is never live', () => {
    fc.assert(
      fc.property(pictures, fc.double({ min: 0, max: LIVE_CELLS, maxExcluded: true, noNaN: true }), (seen, share) => {
        expect(judge(seen, { cells: share, luma: 1 }, undefined, 2e6).state).not.toBe('live');
      }),
      runs,
    );
  });

  it('a picture of an earlier run that comes back is never live', () => {
    fc.assert(
      fc.property(pictures, change, fc.integer({ min: MINUTE, max: 1e9 }), (seen, moved, laterMs) => {
        const first = judge(seen, moved, undefined, 0).remember;
        const fresh = { ...seen[0]!, digest: 'never seen' };
        expect(judge([fresh, seen.at(-1)!], moved, first, laterMs).state).not.toBe('live');
      }),
      runs,
    );
  });

  it('new pictures that change everywhere and are not dark are live, whatever was before', () => {
    const bright = cells(fc.double({ min: 60, max: 255, noNaN: true }));
    fc.assert(
      fc.property(bright, bright, last, (a, b, before) => {
        const make = (name: string, luma: number[]) => ({ digest: name, bytes: 1, width: 640, height: 480, luma });
        const seen = [make('new one', a), make('new two', b)];
        expect(judge(seen, { cells: 1, luma: 3 }, before, 2e6).state).toBe('live');
      }),
      runs,
    );
  });

  it('what is remembered stays small, and the time unchanged never runs backwards', () => {
    fc.assert(
      fc.property(pictures, change, last, fc.integer({ min: 1e6, max: 1e9 }), (seen, moved, before, now) => {
        const judged = judge(seen, moved, before, now);
        expect(judged.remember.digests.length).toBeLessThanOrEqual(12);
        expect(judged.unchangedS).toBeGreaterThanOrEqual(0);
        const again = judge(seen, { cells: 0, luma: 0 }, judged.remember, now + MINUTE);
        expect(again.unchangedS).toBeGreaterThanOrEqual(60);
        expect(again.remember.unchangedSince).toBe(judged.remember.unchangedSince);
      }),
      runs,
    );
  });
});

describe('pictures', () => {
  const read = (bytes: Uint8Array) => readPicture(bytes);

  it('noise alone, nothing moving, is life', () => {
    const random = randomFrom(3);
    const [a, b] = [read(picture(5, random, 1, 1)), read(picture(5, random, 1, 1))];
    const change = changeBetween(a, b);
    expect(change.cells).toBeGreaterThan(0.5);
    expect(judge([a, b], change, undefined, 0).state).toBe('live');
  });

  it('a clock written over a frozen picture is not', () => {
    const still = jpeg.decode(picture(5, randomFrom(3)));
    const withClock = (second: number) => {
      const data = Buffer.from(still.data);
      // A line of text a sixteenth of the height, over 40 % of the width; its last two figures change.
      for (let y = 4; y < 19; y++) {
        for (let x = 116 - 12; x < 128; x++)
          data.fill((x * 7 + y * second) % 256, (y * 320 + x) * 4, (y * 320 + x) * 4 + 3);
      }
      return read(jpeg.encode({ data, width: 320, height: 240 }, 80).data);
    };
    const [a, b] = [withClock(1), withClock(2)];
    const change = changeBetween(a, b);
    expect(a.digest).not.toBe(b.digest);
    expect(change.cells).toBeGreaterThan(0);
    expect(judge([a, b], change, undefined, 0).state).toBe('frozen');
  });

  it('any bytes either decode within the limits or throw', () => {
    const good = picture(1, randomFrom(1));
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), (at, noise) => {
        const bytes = Buffer.from(good);
        bytes.set(noise.subarray(0, Math.min(noise.length, bytes.length - at)), at);
        try {
          expect(read(bytes).luma).toHaveLength(GRID * GRID);
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
        }
      }),
      { numRuns: 60 },
    );
  });
});
