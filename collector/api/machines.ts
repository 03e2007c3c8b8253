import Type from 'typebox';
import { adoptMachines } from '../machines/adopt.ts';
import { newEndpointCode, revokeEndpointCode } from '../machines/codes.ts';
import { relink } from '../machines/link.ts';
import { machineViews } from '../machines/machines.ts';
import type { App, Context } from './context.ts';
import { requireSchool } from './inventory.ts';
import { Id } from './schemas/common.ts';
import { MachineAdoptions, MachineAsset, Machines, MadeEndpointCode, NewEndpointCode } from './schemas/machines.ts';
import { ProposalsDone } from './schemas/proposals.ts';

const params = Type.Object({ id: Id });

/** PCs of a school that run an agent of their own: the codes that enrol them, and which devices of the inventory they are. */
export function machineRoutes(app: App, { store, judging, now }: Context): void {
  const admin = { needs: 'admin' } as const;

  app.get(
    '/schools/:id/machines',
    { schema: { params, response: { 200: Machines } }, config: { needs: 'school', own: 'id' } },
    async (request) => {
      await requireSchool(store, request.params.id);
      return machineViews(store, request.params.id, now());
    },
  );

  app.post(
    '/schools/:id/machines/adopt',
    { schema: { params, body: MachineAdoptions, response: { 200: ProposalsDone } }, config: admin },
    async (request) => {
      const { id } = request.params;
      await requireSchool(store, id);
      const answer = await adoptMachines(store, { schoolId: id, by: request.person!.id, at: now() }, request.body);
      if (answer.done > 0) judging.touch(id);
      return answer;
    },
  );

  app.put(
    '/machines/:id/asset',
    { schema: { params, body: MachineAsset, response: { 200: MachineAsset } }, config: admin },
    async (request) => {
      const { assetId } = request.body;
      const by = request.person!.id;
      judging.touch(await relink(store, { machineId: request.params.id, assetId, by, at: now() }));
      return { assetId };
    },
  );

  app.post(
    '/schools/:id/endpoint-codes',
    { schema: { params, body: NewEndpointCode, response: { 201: MadeEndpointCode } }, config: admin },
    async (request, reply) => {
      const { id } = request.params;
      await requireSchool(store, id);
      const by = { by: request.person!.id, at: now() };
      return reply.code(201).send(await newEndpointCode(store, id, request.body, by));
    },
  );

  app.post(
    '/endpoint-codes/:id/revoke',
    { schema: { params, response: { 204: Type.Null() } }, config: admin },
    async (request, reply) => {
      await revokeEndpointCode(store, request.params.id, { by: request.person!.id, at: now() });
      return reply.code(204).send(null);
    },
  );
}
