import Type, { type Static } from 'typebox';
import { Id, Instant, Nullable, Text } from './common.ts';
import { Use } from './school.ts';

/** PCs that run an agent of their own, and the codes that enrol them. */

const closed = { additionalProperties: false };
export const MAX_ADOPTED = 1000;

/** How a PC came to its device of the inventory: by MAC address, by its name, or by a person. */
export const LinkedBy = Type.Enum(['mac', 'name', 'person']);
export type LinkedBy = 'mac' | 'name' | 'person';

export const MachineView = Type.Object({
  id: Id,
  hostname: Type.String(),
  macs: Type.Array(Type.String()),
  /** The device of the inventory that it is; null: none yet. */
  asset: Nullable(Type.Object({ id: Id, name: Type.String(), by: LinkedBy })),
  firstAt: Instant,
  lastReportAt: Nullable(Instant),
  version: Type.String(),
  /** `revoked`: a person took the right to report from the agent that speaks for it now. */
  status: Type.Enum(['active', 'revoked']),
  agentId: Id,
  /** How often it was enrolled; each time after the first, its identity had been lost. */
  enrolments: Type.Integer(),
  /** The machine whose disk image it began with. */
  cloneOf: Nullable(Type.Object({ id: Id, hostname: Type.String() })),
  /** How often in 24 hours an agent that was replaced went on reporting: two PCs under one name. */
  contested: Type.Integer(),
});
export type MachineView = Omit<Static<typeof MachineView>, 'asset' | 'status'> & {
  asset: { id: string; name: string; by: LinkedBy } | null;
  status: 'active' | 'revoked';
};

/** GET /api/v1/schools/:id/machines, by hostname. */
export const Machines = Type.Array(MachineView);

/** PUT /api/v1/machines/:id/asset: says which device of the inventory the PC is, or that it is none. */
export const MachineAsset = Type.Object({ assetId: Nullable(Id) }, closed);

/** POST /api/v1/schools/:id/machines/adopt: makes a device of each, linked to it. */
export const MachineAdoptions = Type.Array(
  Type.Object({ machineId: Id, use: Nullable(Use), roomId: Nullable(Id), name: Text }, closed),
  { minItems: 1, maxItems: MAX_ADOPTED },
);
export type MachineAdoption = {
  machineId: string;
  use: Use | null;
  roomId: string | null;
  name: string;
};

/** POST /api/v1/schools/:id/endpoint-codes → 201: a code for many PCs, shown once. */
export const NewEndpointCode = Type.Object(
  { maxMachines: Type.Integer({ minimum: 1, maximum: 2000 }), days: Type.Integer({ minimum: 1, maximum: 366 }) },
  closed,
);
export type NewEndpointCode = Static<typeof NewEndpointCode>;
export const MadeEndpointCode = Type.Object({ id: Id, code: Type.String(), expiresAt: Instant });
export type MadeEndpointCode = Static<typeof MadeEndpointCode>;
