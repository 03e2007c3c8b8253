import Type from 'typebox';
import { adopt, move, proposalsOf } from '../inventory/proposals.ts';
import type { App, Context } from './context.ts';
import { requireSchool } from './inventory.ts';
import { Id } from './schemas/common.ts';
import { Adoptions, Keys, Proposals, ProposalsDone } from './schemas/proposals.ts';

const params = Type.Object({ id: Id });

/** Devices that agents found at a school: shown, adopted into the inventory, passed over and taken up again. */
export function proposalRoutes(app: App, { store, judging, now }: Context): void {
  const admin = { needs: 'admin' } as const;

  app.get(
    '/schools/:id/proposals',
    { schema: { params, response: { 200: Proposals } }, config: { needs: 'school', own: 'id' } },
    async (request) => {
      await requireSchool(store, request.params.id);
      return proposalsOf(store, request.params.id);
    },
  );

  app.post(
    '/schools/:id/proposals/adopt',
    { schema: { params, body: Adoptions, response: { 200: ProposalsDone } }, config: admin },
    async (request) => {
      const { id } = request.params;
      await requireSchool(store, id);
      const answer = await adopt(store, { schoolId: id, by: request.person!.id, at: now() }, request.body);
      if (answer.done > 0) judging.touch(id);
      return answer;
    },
  );

  for (const [verb, state] of [
    ['ignore', 'ignored'],
    ['restore', 'new'],
  ] as const)
    app.post(
      `/schools/:id/proposals/${verb}`,
      { schema: { params, body: Keys, response: { 200: ProposalsDone } }, config: admin },
      async (request) => {
        const { id } = request.params;
        await requireSchool(store, id);
        return move(store, { schoolId: id, by: request.person!.id, at: now() }, request.body.keys, state);
      },
    );
}
