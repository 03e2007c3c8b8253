import Type, { type Static } from 'typebox';
import { HOST_WORDS, LINK_HOST_PATTERN } from './host.ts';

/** What `lan-reach` is told to measure. */

const Port = Type.Integer({ minimum: 1, maximum: 65535 });
const closed = { additionalProperties: false };

/** Closed, so that a slip of the pen is told: the inventory's kinds, and what else has an address. */
const KINDS = ['pc', 'printer', 'camera', 'access-point', 'gateway', 'switch', 'server', 'other'] as const;

export const Target = Type.Object(
  {
    id: Type.String({ minLength: 1, maxLength: 128 }),
    /** IPv4, IPv6 (a link-local one with its interface, `fe80::1%eth0`) or host name. */
    address: Type.String({ maxLength: 253, pattern: LINK_HOST_PATTERN, description: HOST_WORDS }),
    /**
     * Its MAC address: the device is then this one wherever it answers, and another that answers at its address is not.
     * Only on the own link.
     */
    mac: Type.Optional(
      Type.String({ pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$', description: 'địa chỉ MAC, như 00:1a:2b:3c:4d:5e' }),
    ),
    /** What it is; for the reader of the file. */
    kind: Type.Optional(Type.Union(KINDS.map((kind) => Type.Literal(kind)))),
    /** Asked by TCP instead of the usual ports. */
    ports: Type.Optional(Type.Array(Port, { minItems: 1, maxItems: 32 })),
    /** false: not by ICMP, where something else would answer for the target. */
    icmp: Type.Optional(Type.Boolean()),
    /**
     * true: the target is the service at `ports`, not the host that has the address (a device behind address
     * translation, the page of an access point); only an accepted connection counts.
     */
    service: Type.Optional(Type.Boolean()),
  },
  closed,
);
export const Config = Type.Object(
  {
    targets: Type.Array(Target, { maxItems: 4096 }),
    /** How long between two looks at a device; the looks of one interval make one sample. Default 60. */
    lookSeconds: Type.Optional(Type.Integer({ minimum: 5, maximum: 3600 })),
    /** Addresses that DHCP gives out, `192.168.1.100-192.168.1.199`: where a device with `mac` is looked for as well. */
    ranges: Type.Optional(
      Type.Array(
        Type.String({
          pattern: '^\\d{1,3}(\\.\\d{1,3}){3}-\\d{1,3}(\\.\\d{1,3}){3}$',
          description: 'dải địa chỉ IPv4, như 192.168.1.100-192.168.1.199',
        }),
        { maxItems: 16 },
      ),
    ),
  },
  closed,
);
export type Config = Static<typeof Config>;
export type Target = Static<typeof Target>;
