import { randomUUID } from 'node:crypto';
import type { Found } from '../../shared/wire/discovery.ts';
import { askUdp, wordOf } from './ask-udp.ts';

/** WS-Discovery (2005/04) asked by unicast of one device, for ONVIF's network video transmitters (ONVIF Core, 7.3). */

const PORT = 3702;
const MAX_BYTES = 32 * 1024;

/** Name and hardware of an ONVIF device; null when it is none or does not say. Never rejects. */
export async function askOnvifScopes(address: string, withinMs: number, signal: AbortSignal): Promise<Found['onvif']> {
  const packet = Buffer.from(probe(randomUUID()));
  return (await askUdp({ address, port: PORT, packet, withinMs, maxBytes: MAX_BYTES, signal }, readScopes)) ?? null;
}

const probe = (id: string) => `<?xml version="1.0" encoding="utf-8"?>
<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" xmlns:a="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:n="http://www.onvif.org/ver10/network/wsdl"><s:Header><a:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/Probe</a:Action><a:MessageID>urn:uuid:${id}</a:MessageID><a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To></s:Header><s:Body><d:Probe><d:Types>n:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>`;

/**
 * Scopes of a ProbeMatch (onvif://www.onvif.org/name/…, …/hardware/…: ONVIF Core, 7.3.2.2), by their text alone: no
 * entity is resolved and nothing nested is followed. Undefined for what is no ProbeMatch of an ONVIF device.
 */
export function readScopes(answer: Buffer): NonNullable<Found['onvif']> | undefined {
  const xml = answer.toString('utf8');
  if (/<!DOCTYPE|<!ENTITY/i.test(xml) || !/<(?:[\w-]{1,32}:)?ProbeMatch[\s>]/.test(xml)) return undefined;
  const scopes = /<(?:[\w-]{1,32}:)?Scopes(?:\s[^<>]{0,500})?>([^<]*)</.exec(xml)?.[1] ?? '';
  const words = scopes.split(/\s+/).slice(0, 200);
  if (!words.some((word) => word.startsWith('onvif://'))) return undefined;
  const said = (what: string) => {
    const start = `onvif://www.onvif.org/${what}/`;
    return wordOf(decoded(words.find((word) => word.startsWith(start))?.slice(start.length)));
  };
  return { name: said('name'), hardware: said('hardware') };
}

function decoded(text: string | undefined): string | undefined {
  try {
    return text && decodeURIComponent(text);
  } catch {
    return text; // A lone percent sign.
  }
}
