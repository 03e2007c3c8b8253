import { v7 as uuidv7 } from 'uuid';
import type { AssetKind, RoomKind, Use } from './api/schemas/school.ts';
import { PRACTICE_POLICY } from './compliance/policy.ts';
import { newSiteCode } from './machines/codes.ts';
import type { Store } from './store/sqlite.ts';

/** The practice organisation: one school of simulated devices, judged by a policy that counts minutes. */

const UNIT = 'practice';
const SCHOOL = 'practice-school';

/** A device of the practice school: what the inventory must know of it. */
export interface PracticeDevice {
  id: string;
  kind: AssetKind;
  name: string;
  room: string;
  roomKind: RoomKind;
  use: Use | null;
}

/**
 * Makes or completes the practice school; never touches another one. Answers a code for its agent. Safe to call at
 * every start: what is there stays.
 */
export async function ensurePracticeSchool(
  store: Store,
  devices: readonly PracticeDevice[],
  now: number,
): Promise<{ schoolId: string; code: string }> {
  const policy = JSON.stringify(PRACTICE_POLICY);
  await store.transaction().execute(async (write) => {
    await write
      .insertInto('org_unit')
      .values({ id: UNIT, parent_id: null, name: 'Đơn vị thực hành', policy, practice: 1 })
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ policy, practice: 1 }))
      .execute();
    await write
      .insertInto('school')
      .values({
        id: SCHOOL,
        unit_id: UNIT,
        code: 'THUC-HANH',
        name: 'Trường thực hành (thiết bị mô phỏng)',
        levels: '["primary"]',
        calendar: null,
      })
      .onConflict((conflict) => conflict.column('id').doNothing())
      .execute();
    for (const device of devices) {
      await write
        .insertInto('room')
        .values({ id: uuidv7(), school_id: SCHOOL, name: device.room, kind: device.roomKind, created_at: now })
        .onConflict((conflict) => conflict.columns(['school_id', 'name']).doNothing())
        .execute();
      const room = await write
        .selectFrom('room')
        .select('id')
        .where('school_id', '=', SCHOOL)
        .where('name', '=', device.room)
        .executeTakeFirstOrThrow();
      await write
        .insertInto('asset')
        .values({
          id: uuidv7(),
          school_id: SCHOOL,
          room_id: room.id,
          kind: device.kind,
          use: device.use,
          name: device.name,
          target: device.id,
          status: 'expected',
          licence: null,
          created_at: now,
        })
        .onConflict((conflict) => conflict.columns(['school_id', 'target']).doNothing())
        .execute();
    }
  });
  const { code } = await newSiteCode(store, SCHOOL, { by: null, at: now });
  return { schoolId: SCHOOL, code };
}
