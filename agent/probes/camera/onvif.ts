import DeviceService from 'node-onvif/lib/modules/service-device.js';
import MediaService from 'node-onvif/lib/modules/service-media.js';
import { urlHost } from '../lan-reach/host.ts';
import { TroubleError } from './exchange.ts';
import type { Facts } from './messages.ts';
import { type Home, pin, strangerIn, withoutCredentials } from './pin.ts';

/**
 * What node-onvif is asked of a camera, in the order in which each answer is needed. Its transport must have been
 * replaced before (soap-transport.ts). The services are called one by one, not through `OnvifDevice.init`, which asks
 * for three stream addresses of every profile, refuses passwords with `<` or letters outside ASCII, and hides why
 * a call failed.
 */
export interface Login {
  username: string;
  password: string;
}

/** Narrower pictures show too little of a room, pixels. */
const MIN_WIDTH = 320;

/** Facts as they become known go to `tell`. Resolves with the snapshot's address at the camera's own host. */
export async function askOnvif(
  home: Home,
  login: Login | undefined,
  tell: (facts: Facts) => void,
  now: () => number = Date.now,
): Promise<URL> {
  const facts: Facts = {};
  const root = `http://${urlHost(home.host)}:${home.port}`;
  const device = new DeviceService({ xaddr: `${root}/onvif/device_service` });

  // Without credentials, as access class PRE_AUTH allows (ONVIF Core, 8.3.4 and 5.9.4.3): a token made by a clock that
  // is not the camera's would be refused.
  const clock = await device.getSystemDateAndTime().then(({ data }) => clockOf(data), unlessOnvifAnswers);
  const offsetMs = clock === undefined ? 0 : clock - now();
  if (clock !== undefined) facts.clockOffsetS = Math.round(offsetMs / 100) / 10;
  tell({ ...facts });

  device.time_diff = offsetMs;
  if (login) device.setAuth(escapeXml(login.username), login.password);
  const capabilities = await device.getCapabilities().then(({ data }) => data, badAnswer('GetCapabilities'));
  const xaddr = text(at(capabilities, 'GetCapabilitiesResponse', 'Capabilities', 'Media', 'XAddr'));
  const stranger = strangerIn(xaddr, home);
  if (stranger !== undefined) facts.announcedHost = clean(stranger);

  const information = await device.getDeviceInformation().then(({ data }) => data, unlessTransport);
  for (const [name, element] of [
    ['manufacturer', 'Manufacturer'],
    ['model', 'Model'],
    ['firmware', 'FirmwareVersion'],
  ] as const) {
    const value = clean(text(at(information, 'GetDeviceInformationResponse', element)));
    if (value !== '') facts[name] = value;
  }
  tell({ ...facts });
  if (xaddr === '') throw new TroubleError('not-live', true, 'the device announces no media service');

  const servicePort = URL.canParse(xaddr) ? Number(new URL(xaddr).port || 80) : undefined;
  const mediaAt = pinned(xaddr, home, ['http:'], servicePort);
  const media = new MediaService({ xaddr: mediaAt.href, time_diff: offsetMs });
  if (login) media.setAuth(escapeXml(login.username), login.password);
  const token = await media.getProfiles().then(({ data }) => profileToAsk(data), notLive('GetProfiles'));
  if (token === undefined) throw new TroubleError('not-live', true, 'the camera has no media profile');

  const ProfileToken = escapeXml(token);
  const stream = await media.getStreamUri({ ProfileToken, Protocol: 'RTSP' }).then(({ data }) => data, unlessTransport);
  const streamAt = text(at(stream, 'GetStreamUriResponse', 'MediaUri', 'Uri'));
  if (streamAt !== '') facts.streamUri = clean(withoutCredentials(pinned(streamAt, home, ['rtsp:', 'http:'])));
  tell({ ...facts });

  const snapshot = await media.getSnapshotUri({ ProfileToken }).then(({ data }) => data, notLive('GetSnapshotUri'));
  const snapshotAt = text(at(snapshot, 'GetSnapshotUriResponse', 'MediaUri', 'Uri'));
  if (snapshotAt === '') throw new TroubleError('not-live', true, 'the camera offers no snapshot');
  return pinned(snapshotAt, home, ['http:'], servicePort);
}

/**
 * UTCDateTime of GetSystemDateAndTimeResponse as ms since 1970, undefined where it is missing or no date. node-onvif
 * reads it too, but sets month before day, and so is a month off when today's day does not exist in the camera's month.
 */
export function clockOf(data: Record<string, unknown>): number | undefined {
  const utc = at(data, 'GetSystemDateAndTimeResponse', 'SystemDateAndTime', 'UTCDateTime');
  const number = (...path: string[]) => Number.parseInt(text(at(utc, ...path)), 10);
  const [year, month, day] = [number('Date', 'Year'), number('Date', 'Month'), number('Date', 'Day')];
  const ms = Date.UTC(year, month - 1, day, number('Time', 'Hour'), number('Time', 'Minute'), number('Time', 'Second'));
  // Outside these years toISOString, in the token's `Created`, would not write a plain date.
  return ms >= 0 && year < 9999 ? ms : undefined;
}

/**
 * Token of the profile to look through: the smallest picture of at least MIN_WIDTH, as noise shows in it as well as in
 * 4K and it costs a tenth to decode; else the first with a video encoder, else the first (ONVIF Media, 5.2.1).
 */
function profileToAsk(data: unknown): string | undefined {
  const found = at(data, 'GetProfilesResponse', 'Profiles');
  const profiles = (Array.isArray(found) ? found : found === undefined ? [] : [found]).map((profile) => ({
    token: text(at(profile, '$', 'token')),
    video: at(profile, 'VideoEncoderConfiguration') !== undefined,
    width: Number.parseInt(text(at(profile, 'VideoEncoderConfiguration', 'Resolution', 'Width')), 10),
  }));
  const usable = profiles.filter(({ token }) => /^[\x20-\x7e]{1,64}$/.test(token));
  const wide = usable.filter(({ width }) => width >= MIN_WIDTH).sort((a, b) => a.width - b.width);
  return (wide[0] ?? usable.find(({ video }) => video) ?? usable[0])?.token;
}

function pinned(address: string, home: Home, protocols: string[], servicePort?: number): URL {
  try {
    return pin(address, home, protocols, servicePort);
  } catch (error) {
    throw new TroubleError('malformed', true, `address not usable: ${(error as Error).message.slice(0, 60)}`);
  }
}

/** For calls whose answer may be missing: a SOAP fault is taken for no answer, trouble on the way is not. */
function unlessTransport(error: unknown): undefined {
  if (error instanceof TroubleError) throw error;
}

/** Some devices want credentials even for their clock; the calls that follow bring them. */
function unlessOnvifAnswers(error: unknown): undefined {
  if (!(error instanceof TroubleError && error.code === 'auth')) unlessTransport(error);
}

const badAnswer = (call: string) => faultAs('malformed', call);
const notLive = (call: string) => faultAs('not-live', call);
const faultAs = (code: 'malformed' | 'not-live', call: string) => (error: unknown) => {
  if (error instanceof TroubleError) throw error;
  throw new TroubleError(code, true, `${call} failed: ${clean(String((error as Error)?.message))}`);
};

function at(value: unknown, ...path: string[]): unknown {
  let here = value;
  for (const name of path) {
    if (typeof here !== 'object' || here === null || !Object.hasOwn(here, name)) return undefined;
    here = (here as Record<string, unknown>)[name];
  }
  return here;
}

/** Text of an element as xml2js gives it: a string, or an object when it has attributes. */
function text(element: unknown): string {
  if (typeof element === 'string') return element;
  const inner = at(element, '_');
  return typeof inner === 'string' ? inner : '';
}

/** What a device says, fit for a log or a report: one line, no control characters, at most 200 characters. */
export function clean(said: string): string {
  return said
    .replace(/\p{C}+/gu, ' ')
    .trim()
    .slice(0, 200);
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
/** node-onvif writes user names and tokens into its XML as they are. */
export const escapeXml = (raw: string) => raw.replace(/[&<>"']/g, (character) => ESCAPES[character]!);
