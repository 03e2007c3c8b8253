import { configDefaults, defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What measures a rate in real time: it runs first and alone, because a busy machine is a slow line. */
const MEASURING = ['test/agent/internet-speed/**/*.test.ts', 'test/collector/speed/pacing.test.ts'];
/** A hundred schools and six people at once fill the machine: it runs last and alone, so that no other page is kept waiting. */
const PLAYED = 'test/browser/period.test.ts';

/** Minutes each, the one that mostly waits first: started late, one of them would run while the other worker has nothing left. */
const LONGEST = [
  'test/faults/practice-school.test.ts',
  'test/browser/evaluation.test.ts',
  'test/browser/pages.test.ts',
  'test/faults/collector-killed.test.ts',
  'test/collector/compliance/rollup.test.ts',
];
const placeOf = ({ moduleId }: TestSpecification): number => {
  const place = LONGEST.findIndex((file) => moduleId.endsWith(file));
  return place === -1 ? LONGEST.length : place;
};

/** Vitest's order (by what it remembers of earlier runs, in CI nothing), with the longest files first in their project. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const projects = [...new Set(sorted.map(({ project }) => project))];
    return sorted.toSorted(
      (a, b) => projects.indexOf(a.project) - projects.indexOf(b.project) || placeOf(a) - placeOf(b),
    );
  }
}

export default defineConfig({
  test: {
    reporters: ['default', './test/reporter.ts'],
    // Against hanging, not against slowness: a shared machine may take ten times as long.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    sequence: { sequencer: LongestFirst },
    setupFiles: ['./test/setup.ts'],
    projects: [
      {
        extends: true,
        test: { name: 'measuring', include: MEASURING, retry: 2, maxWorkers: 1, sequence: { groupOrder: 0 } },
      },
      {
        extends: true,
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...MEASURING, PLAYED],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { name: 'played', include: [PLAYED], maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
