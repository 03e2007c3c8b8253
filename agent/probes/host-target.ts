import Type, { type Static } from 'typebox';

/** What the probes of the agent's own host share: they have one target, this host. */

export const HostConfig = Type.Object(
  {
    /** Id of the asset that this host is; each PC of a school needs its own, for all its probes the same. Default `host`. */
    target: Type.Optional(Type.String({ minLength: 1, maxLength: 128 })),
  },
  { additionalProperties: false },
);
export type HostConfig = Static<typeof HostConfig>;

export const hostTargets = ({ target }: HostConfig): { id: string }[] => [{ id: target ?? 'host' }];

export const hostCautions = ({ target }: HostConfig): string[] =>
  target === undefined
    ? ['chưa khai "target", số đo mang mã "host": hai máy như vậy thành một máy; khai mã riêng của máy này']
    : [];
