import { afterAll, beforeAll, expect, test } from 'vitest';
import { exportFormats } from '../../../collector/exports/registry.ts';
import { type Harness, makeSchool, startHarness } from '../harness.ts';
import { AS_OF } from './sheets.ts';

let harness: Harness;
let schoolId: string;
beforeAll(async () => {
  harness = await startHarness(() => AS_OF);
  schoolId = await makeSchool(harness, 'TH-01');
});
afterAll(() => harness.close());

const get = (format: string, cookie = harness.cookie) =>
  harness.app.inject({ url: `/api/v1/schools/${schoolId}/scoresheet/exports/${format}`, headers: { cookie } });

test.each(exportFormats)(
  '$id is downloaded under the name of school and day, by people with rights only',
  async (format) => {
    const answer = await get(format.id);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toBe(format.contentType);
    expect(answer.headers['content-disposition']).toBe(
      `attachment; filename="phieu-cham-TH-01-2026-11-24.${format.extension}"`,
    );
    expect(answer.rawPayload.length).toBeGreaterThan(1000);
    expect((await get(format.id, '')).statusCode).toBe(401);
  },
);

test('another format is refused with the list of those that there are', async () => {
  const answer = await get('pdf');
  expect(answer.statusCode).toBe(404);
  expect(answer.json().error.message).toContain('xlsx, docx, html, csv');
});
