import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Names every skipped test with its reason and closes the run with one plain line: "N passed, N failed, N skipped".
 * Under THDT_NO_SKIP=1 (set by .ci/run) a skipped test fails the run: CI must have every part that a test needs.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const cases: TestCase[] = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => cases.filter((test) => test.result().state === state);
    const skipped = inState('skipped');
    const failedModules = modules.filter((module) => module.errors().length > 0).length;
    const failed = inState('failed').length + failedModules + unhandledErrors.length;
    for (const test of skipped) {
      const result = test.result();
      const note = 'note' in result && result.note ? ` (${result.note})` : '';
      process.stdout.write(`skipped: ${test.module.moduleId.split('/test/').pop()} > ${test.fullName}${note}\n`);
    }
    if (process.env.THDT_NO_SKIP === '1' && skipped.length > 0) {
      process.stdout.write(`THDT_NO_SKIP=1 forbids skipping: ${skipped.length} skipped\n`);
      process.exitCode = 1;
    }
    // Written at exit, so that it is the last line after Vitest's own summary.
    const line = `${inState('passed').length} passed, ${failed} failed, ${skipped.length} skipped\n`;
    process.once('exit', () => process.stdout.write(line));
  }
}
