import Type, { type Static } from 'typebox';
import { Id, Instant, Level, Nullable, StandardPoints, Text } from './common.ts';
import { MeasuredFinding, PolicyValue } from './finding.ts';
import { LineFigures, SpeedPoint } from './line.ts';

export const RoomKind = Type.Enum(['it', 'language', 'classroom', 'office', 'network', 'other']);
export type RoomKind = 'it' | 'language' | 'classroom' | 'office' | 'network' | 'other';
export const AssetKind = Type.Enum(['pc', 'printer', 'camera', 'access-point', 'gateway', 'internet', 'other']);
export type AssetKind = 'pc' | 'printer' | 'camera' | 'access-point' | 'gateway' | 'internet' | 'other';
export const Use = Type.Enum(['management', 'teaching', 'student']);
export type Use = 'management' | 'teaching' | 'student';

export const Room = Type.Object({ id: Id, name: Text, kind: RoomKind });
export type Room = Static<typeof Room>;

/** One stretch of a strip: `up`, `down` (answers failed), `unknown` (nothing was measured). */
export const StripCell = Type.Object({
  from: Instant,
  to: Instant,
  state: Type.Union([Type.Literal('up'), Type.Literal('down'), Type.Literal('unknown')]),
  /** Camera state or reason in words of the wire format: `frozen`, `unreachable`, `timeout`; empty when up or unknown. */
  detail: Type.String(),
});
export type StripCell = Static<typeof StripCell>;

const Expected = Nullable(Type.Integer({ minimum: 0, maximum: 10_000 }));
/** A room with how many devices it should hold; null: nobody said. */
export const ExpectingRoom = Type.Object({ ...Room.properties, expectedPcs: Expected, expectedPrinters: Expected });
export type ExpectingRoom = Static<typeof ExpectingRoom>;

export const Asset = Type.Object({
  id: Id,
  roomId: Nullable(Id),
  kind: AssetKind,
  use: Nullable(Use),
  name: Text,
  /** The id that samples carry; null until an agent was told to watch it. */
  target: Nullable(Type.String()),
  status: Type.Union([Type.Literal('expected'), Type.Literal('retired')]),
  /** Entry in the register of licences, for antivirus that is free by itself. */
  licence: Nullable(Type.String()),
});
export type Asset = Static<typeof Asset>;

/**
 * `mac`: six octets, lower case, with colons. `address`: IP, as entered or as an agent last found it. `machineId`: the PC
 * with an agent of its own that it is.
 */
export const ListedAsset = Type.Object({
  ...Asset.properties,
  mac: Nullable(Type.String()),
  address: Nullable(Type.String()),
  machineId: Nullable(Id),
});
export type ListedAsset = Static<typeof ListedAsset>;

/** The newest sample of an asset through one probe; its other values stand in its report. */
export const LastSample = Type.Object({
  at: Instant,
  probe: Type.String(),
  ok: Type.Boolean(),
  reason: Nullable(Type.String()),
  /** State of a camera in words of the wire format. */
  state: Nullable(Type.String()),
  reportId: Id,
});
export type LastSample = Static<typeof LastSample>;

const ProductState = Type.Enum(['on', 'off', 'snoozed', 'expired', 'passive']);
/**
 * By what a product counts as licensed: the PC's own entry, the register, its name; `lapsed`: entries there are, none in
 * force; `unknown`: free and paid editions bear its name.
 */
export const ProductLicence = Type.Enum(['own', 'register', 'paid', 'free', 'lapsed', 'unknown']);
export type ProductLicence = 'own' | 'register' | 'paid' | 'free' | 'lapsed' | 'unknown';

/** The newest antivirus status of a PC. */
export const AntivirusStatus = Type.Object({
  at: Instant,
  /** Null where the PC did not tell; a list without entries: known to have none. */
  products: Nullable(
    Type.Array(
      Type.Object({
        name: Type.String(),
        on: Nullable(Type.Boolean()),
        upToDate: Nullable(Type.Boolean()),
        definitionsAt: Nullable(Instant),
        state: Nullable(ProductState),
        licence: ProductLicence,
      }),
    ),
  ),
  reportId: Id,
});
export type AntivirusStatus = Omit<Static<typeof AntivirusStatus>, 'products'> & {
  products: ShownProduct[] | null;
};
export interface ShownProduct {
  name: string;
  on: boolean | null;
  upToDate: boolean | null;
  definitionsAt: string | null;
  state: 'on' | 'off' | 'snoozed' | 'expired' | 'passive' | null;
  licence: ProductLicence;
}

/** What the newest `host` sample of a PC says; null where the PC did not tell. */
export const HostStatus = Type.Object({
  at: Instant,
  os: Nullable(Type.String()),
  supported: Nullable(Type.Boolean()),
  /** Last day of support, YYYY-MM-DD. */
  supportUntil: Nullable(Type.String()),
  firewallOn: Nullable(Type.Boolean()),
  firewallBy: Nullable(Type.String()),
  reportId: Id,
});
export type HostStatus = Static<typeof HostStatus>;

export const WatchedAsset = Type.Object({
  ...Asset.properties,
  /** Presence on the network; for a camera its picture, for an internet line its speed. */
  last: Nullable(LastSample),
  antivirus: Nullable(AntivirusStatus),
  host: Nullable(HostStatus),
  strip: Type.Array(StripCell),
});
export type WatchedAsset = Omit<Static<typeof WatchedAsset>, 'antivirus'> & { antivirus: AntivirusStatus | null };

/** `strip`: when the line was up, out, or nobody knew. */
export const LineView = Type.Object({ ...LineFigures.properties, strip: Type.Array(StripCell) });
export type LineView = Static<typeof LineView>;

export const AgentView = Type.Object({
  id: Id,
  hostname: Type.String(),
  version: Type.String(),
  status: Type.Union([Type.Literal('active'), Type.Literal('revoked')]),
  enrolledAt: Instant,
  lastReportAt: Nullable(Instant),
  silent: Type.Boolean(),
  queued: Type.Integer(),
  setAside: Type.Integer(),
  /** Agent's clock minus collector's at the last report, seconds. */
  clockOffsetS: Nullable(Type.Number()),
});
export type AgentView = Static<typeof AgentView>;

export const Incident = Type.Object({
  assetId: Id,
  name: Type.String(),
  from: Instant,
  to: Nullable(Instant),
  state: Type.String(),
});
export type Incident = Static<typeof Incident>;

/** GET /api/v1/schools/:id: the school page in one answer. */
export const School = Type.Object({
  id: Id,
  code: Type.String(),
  name: Type.String(),
  unit: Type.Object({ id: Id, name: Type.String() }),
  levels: Type.Array(Level),
  practice: Type.Boolean(),
  asOf: Instant,
  /** Every policy value in force here, with its reason; `isDefault` false where the organisation changed it. */
  policy: Type.Array(PolicyValue),
  window: Type.Object({
    from: Instant,
    to: Instant,
    unit: Type.Union([Type.Literal('school-day'), Type.Literal('minute')]),
  }),
  standard: StandardPoints,
  findings: Type.Array(Type.Object({ ...MeasuredFinding.properties, text: Type.String(), costs: Type.Number() })),
  rooms: Type.Array(Room),
  assets: Type.Array(WatchedAsset),
  /** Hours in which PCs were on in school hours of the window, by room, longest first; rooms without a PC that was asked are left out. */
  use: Type.Array(
    Type.Object({
      roomId: Id,
      name: Type.String(),
      /** Days on which at least one answered. */
      days: Type.Integer(),
      pcs: Type.Array(Type.Object({ assetId: Id, name: Type.String(), hours: Type.Number() })),
    }),
  ),
  /** What an agent measures under an id that no device of the inventory bears. */
  unlisted: Type.Array(Type.Object({ probe: Type.String(), target: Type.String(), lastAt: Instant })),
  speed: Type.Object({
    thresholdMbps: Type.Number(),
    uncertainty: Type.Number(),
    points: Type.Array(SpeedPoint),
    /** Earlier tests of the window that are not among the points. */
    older: Type.Integer(),
    lines: Type.Array(LineView),
  }),
  incidents: Type.Array(Incident),
  agents: Type.Array(AgentView),
});
export type School = Omit<Static<typeof School>, 'assets'> & { assets: WatchedAsset[] };

const MinuteOfDay = Type.Integer({ minimum: 0, maximum: 1440 });
const LocalDate = Type.String({ format: 'date' });
/** School hours by weekday (0 = Sunday), in minutes after midnight, and the days that are no school days. */
export const CalendarShape = Type.Object(
  {
    week: Type.Array(Nullable(Type.Tuple([MinuteOfDay, MinuteOfDay])), { minItems: 7, maxItems: 7 }),
    closed: Type.Array(Type.Object({ from: LocalDate, to: LocalDate }, { additionalProperties: false }), {
      maxItems: 100,
    }),
  },
  { additionalProperties: false },
);
export type CalendarShape = Static<typeof CalendarShape>;

export const NewUnit = Type.Object({ name: Text, parentId: Nullable(Id) }, { additionalProperties: false });
export const NewSchool = Type.Object(
  {
    unitId: Id,
    code: Type.String({ minLength: 1, maxLength: 32, pattern: '\\S' }),
    name: Text,
    levels: Type.Array(Level, { minItems: 1 }),
  },
  { additionalProperties: false },
);
/** Counts that are left out stay as they were. */
export const NewRoom = Type.Object(
  { name: Text, kind: RoomKind, expectedPcs: Type.Optional(Expected), expectedPrinters: Type.Optional(Expected) },
  { additionalProperties: false },
);
const assetFields = {
  roomId: Nullable(Id),
  kind: AssetKind,
  use: Nullable(Use),
  name: Text,
  target: Nullable(Type.String({ minLength: 1, maxLength: 128, pattern: '\\S' })),
  licence: Type.Optional(Nullable(Type.String({ maxLength: 200 }))),
  /** Any usual spelling of six octets; left out: stays as it was. */
  mac: Type.Optional(Nullable(Type.String({ maxLength: 32 }))),
  address: Type.Optional(Nullable(Type.String({ maxLength: 45 }))),
};
export const NewAsset = Type.Object(assetFields, { additionalProperties: false });
/** PUT /api/v1/assets/:id. A retired device is judged no more, and may come back. */
export const ChangedAsset = Type.Object(
  { ...assetFields, status: Asset.properties.status },
  { additionalProperties: false },
);
/**
 * GET /api/v1/schools/:id/inventory: what the administration changes, retired devices included. Found is an expected
 * device that answered a measurement, or was met on the network under its MAC, since `foundSince`: the beginning of the
 * tenth school day before now, this one counted.
 */
export const Inventory = Type.Object({
  school: Type.Object({ ...NewSchool.properties, id: Id }),
  calendar: CalendarShape,
  foundSince: Instant,
  rooms: Type.Array(
    Type.Object({
      ...ExpectingRoom.properties,
      /** Expected devices in the inventory, and those of them that were found. */
      pcs: Type.Integer(),
      printers: Type.Integer(),
      foundPcs: Type.Integer(),
      foundPrinters: Type.Integer(),
    }),
  ),
  assets: Type.Array(ListedAsset),
});
export type Inventory = Static<typeof Inventory>;

/** POST /api/v1/schools/:id/enrolments → 201: a code for one agent, shown once. */
export const Enrolment = Type.Object({ id: Id, code: Type.String(), expiresAt: Instant });
export type Enrolment = Static<typeof Enrolment>;

/** GET /api/v1/reports/:id: the signed report as it came, and whether its signature holds now. */
export const StoredReport = Type.Object({
  id: Id,
  school: Type.Object({ id: Id, name: Type.String() }),
  agentId: Id,
  hostname: Type.String(),
  createdAt: Instant,
  receivedAt: Instant,
  verified: Type.Boolean(),
  /** SHA-256 of the signed bytes, hex. */
  digest: Type.String(),
  publicKey: Type.Object({ kty: Type.String(), crv: Type.String(), x: Type.String() }),
  jws: Type.String(),
  /** What the bytes say; null where they say nothing. */
  payload: Type.Unknown(),
  /** Names of the devices of the inventory by target. */
  names: Type.Record(Type.String(), Type.String()),
});
export type StoredReport = Static<typeof StoredReport>;
