/** The Wi-Fi connection of this host, as each system tells it. */
export interface WifiConnection {
  interface: string;
  ssid: string;
  /** The access point's radio, lower case with colons; null where the system keeps it or only guesses. */
  bssid: string | null;
  channel: number | null;
  frequencyMhz: number | null;
  /** As measured by the adapter; null where the system tells a quality alone. */
  signalDbm: number | null;
  /** 0 to 100, linear from −100 to −50 dBm (wlanSignalQuality of Windows' WLAN_ASSOCIATION_ATTRIBUTES). */
  quality: number | null;
  /** Rate at which this host sends at the moment, Mbps. */
  rateMbps: number | null;
}

/** What wifi-child.ts prints. */
export interface WifiFacts {
  platform: string;
  /** Name of the interface that the default route takes. */
  defaultInterface?: unknown;
  /** systeminformation's wifiConnections(). */
  connections?: unknown;
  /** Windows: `netsh wlan show interfaces`. */
  netsh?: unknown;
  /** Linux: `iw dev NAME link` by interface. */
  links?: unknown;
}

/**
 * What is told best first. Linux: `iw`, since systeminformation takes the BSSID of the first access point of the same
 * name, which is another one in a school of many, computes the dBm from a quality, and knows no rate. Windows: netsh by
 * its structure, since systeminformation looks for English (some French and German) labels and reads one adapter only.
 * macOS: systeminformation; the system hides the names from programs without the right to locate.
 */
export function readConnections(facts: WifiFacts): WifiConnection[] {
  const { platform, netsh, links, connections } = facts;
  if (platform === 'win32' && typeof netsh === 'string') return readNetsh(netsh);
  const byIw = Object.entries(links && typeof links === 'object' ? links : {}).flatMap(([name, text]) =>
    typeof text === 'string' ? (readIwLink(name, text) ?? []) : [],
  );
  if (byIw.length > 0) return byIw;
  return (Array.isArray(connections) ? connections : []).flatMap((one) => readLibrary(one, platform) ?? []);
}

/** `iw dev NAME link` (iw 4 to 6). Null for `Not connected.` and anything else. */
export function readIwLink(name: string, text: string): WifiConnection | null {
  const bssid = /^Connected to ([0-9a-f:]{17})\b/im.exec(text)?.[1];
  const ssid = /^\s*SSID: (.*)$/m.exec(text)?.[1];
  if (!bssid || ssid === undefined) return null;
  const frequencyMhz = numberIn(/^\s*freq: ([\d.]+)/m.exec(text)?.[1]);
  const signalDbm = dbm(numberIn(/^\s*signal: (-?\d+)/m.exec(text)?.[1]));
  return {
    interface: name,
    ssid: word(ssid),
    bssid: macOf(bssid),
    channel: frequencyMhz === null ? null : channelOf(frequencyMhz),
    frequencyMhz,
    signalDbm,
    quality: qualityOf(signalDbm),
    rateMbps: numberIn(/^\s*tx bitrate: ([\d.]+)/m.exec(text)?.[1]),
  };
}

const GUID = /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i;
const MAC = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i;
const PLAIN = /^\d+([.,]\d+)?$/;

/**
 * `netsh wlan show interfaces` in any language: the labels differ, their order and the kinds of values do not. An adapter
 * begins two lines before its GUID. SSID and BSSID are not translated. Between the BSSID and the signal (the only
 * percentage) stand three bare numbers: channel, rate in, rate out; newer systems add the band before and the RSSI
 * after. A name in other than ASCII may arrive changed: the program writes in the console's code page.
 */
export function readNetsh(text: string): WifiConnection[] {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const at = line.indexOf(':');
    return at > 0 ? [{ label: line.slice(0, at).trim(), value: line.slice(at + 1).trim() }] : [];
  });
  const starts = lines.flatMap(({ value }, at) => (GUID.test(value) && at >= 2 ? [at - 2] : []));
  return starts.flatMap((start, at) => readAdapter(lines.slice(start, starts[at + 1])) ?? []);
}

function readAdapter(lines: readonly { label: string; value: string }[]): WifiConnection | null {
  const ssid = lines.find(({ label }) => /^SSID$/i.test(label))?.value;
  const at = lines.findIndex(({ label, value }) => /\bBSSID$/i.test(label) && MAC.test(value));
  if (ssid === undefined || at < 0) return null;
  const after = lines.slice(at + 1).map(({ value }) => value);
  const signalAt = after.findIndex((value) => /^\d{1,3} ?%$/.test(value));
  const [channel, , rate] = after.slice(0, signalAt < 0 ? undefined : signalAt).filter((value) => PLAIN.test(value));
  const band = after.map((value) => /^([\d.,]+) ?GHz$/i.exec(value)?.[1]).find((found) => found !== undefined);
  const rssi = signalAt < 0 ? undefined : after.slice(signalAt + 1).find((value) => /^-\d{1,3}$/.test(value));
  const signalDbm = dbm(numberIn(rssi));
  const channelNumber = channelIn(numberIn(channel));
  return {
    interface: word(lines[0]?.value ?? ''),
    ssid: word(ssid),
    bssid: macOf(lines[at]!.value),
    channel: channelNumber,
    frequencyMhz: channelNumber === null ? null : frequencyOf(channelNumber, numberIn(band)),
    signalDbm,
    quality: (signalAt < 0 ? null : percent(Number.parseInt(after[signalAt]!, 10))) ?? qualityOf(signalDbm),
    rateMbps: numberIn(rate),
  };
}

/** One of systeminformation's, which gives '', 0, NaN or null for what it could not read. */
function readLibrary(one: unknown, platform: string): WifiConnection | null {
  const { iface, ssid, bssid, channel, frequency, signalLevel, quality, txRate } = (one ?? {}) as Record<
    string,
    unknown
  >;
  if (typeof iface !== 'string' || typeof ssid !== 'string' || ssid === '') return null;
  // Under Linux its level is computed from the quality, and its BSSID is one of that name, not the one in use.
  const isExact = platform !== 'linux';
  const level = isExact ? dbm(numberIn(signalLevel)) : null;
  return {
    interface: word(iface),
    ssid: word(ssid),
    bssid: isExact && typeof bssid === 'string' && MAC.test(bssid) ? macOf(bssid) : null,
    channel: isExact ? channelIn(numberIn(channel)) : null,
    frequencyMhz: isExact ? numberIn(frequency) || null : null,
    signalDbm: level,
    quality: percent(numberIn(quality)) ?? qualityOf(level),
    rateMbps: numberIn(txRate) || null,
  };
}

const word = (text: string): string =>
  [...text]
    .filter((letter) => letter >= ' ' && letter !== '\u007f')
    .join('')
    .slice(0, 64);
const macOf = (text: string): string => text.toLowerCase().replaceAll('-', ':');

function numberIn(value: unknown): number | null {
  const number = typeof value === 'string' && value !== '' ? Number(value.replace(',', '.')) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}
const dbm = (value: number | null) => (value !== null && value < 0 && value >= -120 ? value : null);
const percent = (value: number | null) => (value !== null && value >= 0 && value <= 100 ? value : null);
const channelIn = (value: number | null) =>
  value !== null && Number.isInteger(value) && value >= 1 && value <= 233 ? value : null;
const qualityOf = (level: number | null) => (level === null ? null : Math.min(100, Math.max(0, 2 * (level + 100))));

/** IEEE 802.11-2020, 17.3.8.4.2 and annex E; 6 GHz by 802.11ax-2021, 27.3.23.2. Without a band: 2.4 GHz up to 14, else 5. */
function frequencyOf(channel: number, bandGhz: number | null): number {
  if (bandGhz === 6) return 5950 + 5 * channel;
  if (bandGhz === 5 || channel > 14) return 5000 + 5 * channel;
  return channel === 14 ? 2484 : 2407 + 5 * channel;
}

function channelOf(mhz: number): number | null {
  if (mhz === 2484) return 14;
  const base = mhz < 3000 ? 2407 : mhz > 5950 ? 5950 : 5000;
  return channelIn(Math.round((mhz - base) / 5));
}
