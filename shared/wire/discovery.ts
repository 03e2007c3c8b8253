import Type, { type Static } from 'typebox';
import { Compile } from 'typebox/compile';

/**
 * What an agent found on the school's network without having been told of it: one sample of probe `discovery` a device,
 * whose values are a `Found`. It is a proposal; a person adopts it into the inventory or passes it over.
 */

export const DISCOVERY_PROBE = 'discovery';

/** What a device may be taken for; the inventory's kinds that are devices. */
export const FOUND_KINDS = ['pc', 'printer', 'camera', 'access-point', 'gateway', 'other'] as const;
export type FoundKind = (typeof FOUND_KINDS)[number];

const closed = { additionalProperties: false };
const Word = Type.String({ minLength: 1, maxLength: 255 });
const maybe = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

export const Found = Type.Object(
  {
    /** IPv4 or IPv6, where it answered. */
    address: Type.String({ minLength: 2, maxLength: 45 }),
    /** Six octets, lower case, with colons; null behind a router. The same device has the same one at its next address. */
    mac: maybe(Type.String({ pattern: '^([0-9a-f]{2}:){5}[0-9a-f]{2}$' })),
    /** Who the first octets of `mac` are assigned to (IEEE), null where unknown or made up by the device itself. */
    vendor: maybe(Word),
    /** Names that it goes by: reverse DNS, mDNS, NetBIOS. */
    names: Type.Object({ dns: Type.Optional(Word), mdns: Type.Optional(Word), netbios: Type.Optional(Word) }, closed),
    /** SNMPv2-MIB sysName and sysDescr. */
    snmp: maybe(Type.Object({ sysName: maybe(Word), sysDescr: maybe(Word) }, closed)),
    /** printer-make-and-model of IPP. */
    printer: maybe(Word),
    /** Scopes of an ONVIF device by WS-Discovery (name, hardware). */
    onvif: maybe(Type.Object({ name: maybe(Word), hardware: maybe(Word) }, closed)),
    /** TCP ports that took a connection. */
    ports: Type.Array(Type.Integer({ minimum: 1, maximum: 65535 }), { maxItems: 64 }),
    kind: maybe(Type.Enum([...FOUND_KINDS])),
    /** What `kind` was taken from: `ipp`, `onvif`, `snmp`, `ports`, `vendor`, `gateway`. */
    kindBy: maybe(Word),
    /** `sweep`: an address range that a person had asked; `neighbours`: the system's own table, asked of nobody. */
    via: Type.Union([Type.Literal('sweep'), Type.Literal('neighbours')]),
    /** The id under which the agent proposes to measure it, as a sample's target. */
    proposedId: Type.String({ minLength: 1, maxLength: 128 }),
  },
  closed,
);
/** `kind` said again: the static type of a union made by `map` is lost. */
export type Found = Omit<Static<typeof Found>, 'kind'> & { kind: FoundKind | null };

const schema = Compile(Found);

/** The values of a discovery sample; undefined where they are not. */
export const foundIn = (values: unknown): Found | undefined => (schema.Check(values) ? values : undefined);

/** The target of a discovery sample: the same for the same device, whatever its address. */
export const foundKey = ({ mac, address }: Pick<Found, 'mac' | 'address'>): string =>
  mac === null ? `ip-${address}` : `mac-${mac.replaceAll(':', '')}`;
