import Type, { type Static } from 'typebox';

/**
 * The wire format of the district's own speed endpoint, all below `/api/v1/speed`: an agent asks for a turn under its
 * signature (`POST turn`), then downloads (`GET download?token=`) and uploads (`POST upload?token=`) until the turn
 * lapses, and gives it back (`DELETE turn?token=`). `GET address` tells any caller its own address.
 */

/** JWS header `typ` of the request for a turn; its claims need nothing beside `agent` and `at`. */
export const SPEED_TYP = 'thdt-speed+jws';
/** Largest signed request for a turn that the collector reads, bytes. */
export const MAX_TURN_REQUEST_BYTES = 4096;
/** Most downloads and uploads of one turn at a time. */
export const MAX_SPEED_STREAMS = 8;

const closed = { additionalProperties: false };

/** Answer to `POST turn`. */
export const SpeedTurn = Type.Object(
  {
    /** Opens downloads and uploads until the turn lapses; whoever holds it measures. */
    token: Type.String({ pattern: '^[A-Za-z0-9_-]{43}$' }),
    /** When the turn lapses, by the collector's clock, RFC 3339. */
    expiresAt: Type.String(),
    /** The same as a duration, seconds from the answer on. */
    maxSeconds: Type.Number({ exclusiveMinimum: 0 }),
    /** Most bytes of the turn, both directions together. */
    maxBytes: Type.Number({ exclusiveMinimum: 0 }),
    /** Payload of all streams of one direction together, Mbps (10^6 bits a second); null: as fast as they take it. */
    limitMbps: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
  },
  closed,
);
export type SpeedTurn = Static<typeof SpeedTurn>;

/** Answer to `POST upload`: what the collector received, from the first to the last piece. */
export const SpeedUpload = Type.Object(
  { bytes: Type.Integer({ minimum: 0 }), seconds: Type.Number({ minimum: 0 }) },
  closed,
);
export type SpeedUpload = Static<typeof SpeedUpload>;

/** Answer to `GET address`: IPv4 or IPv6, as the collector sees the caller. */
export const SpeedAddress = Type.Object({ address: Type.String({ minLength: 2, maxLength: 45 }) }, closed);
export type SpeedAddress = Static<typeof SpeedAddress>;
