import { randomBytes } from 'node:crypto';
import soap from 'node-onvif/lib/modules/soap.js';
import { exchange, type Peer, TroubleError } from './exchange.ts';

/** Largest SOAP answer, bytes. GetCapabilities and GetProfiles of real cameras stay under 64 KiB. */
export const MAX_SOAP_BYTES = 256 * 1024;

/**
 * Puts a bounded exchange under node-onvif, whose own collects without limit, waits without end and goes wherever it
 * is told, and takes its nonces from the system. For the whole process: call it in the child only.
 */
export function boundNodeOnvif(peer: Peer, withinMs: number): void {
  soap._createNonce = (bytes) => randomBytes(bytes);
  soap._request = async (address, envelope) => {
    const answer = await exchange(
      {
        method: 'POST',
        url: new URL(address.href ?? ''),
        headers: { 'content-type': 'application/soap+xml; charset=utf-8' },
        body: envelope,
        maxBytes: MAX_SOAP_BYTES,
        withinMs,
      },
      peer,
    );
    return checkedEnvelope(answer.status, answer.body.toString('utf8'));
  };
}

/** Fault subcodes that mean credentials (ONVIF Core, 5.8.2.4; WS-Security 1.1, 12). */
const AUTH_FAULT = /\b(NotAuthorized|FailedAuthentication|InvalidSecurity(Token)?|SenderNotAuthorized)\b/;

/** The XML when it is a SOAP envelope; throws TroubleError for refusals, for anything else, and for a DTD. */
export function checkedEnvelope(status: number, xml: string): string {
  const isEnvelope = /^\uFEFF?\s*<(?:\?xml|(?:[\w-]+:)?Envelope[\s>])/.test(xml) && /Envelope[\s>]/.test(xml);
  const isFault = isEnvelope && /<(?:[\w-]+:)?Fault[\s>]/.test(xml);
  if (isFault && AUTH_FAULT.test(xml)) throw new TroubleError('auth', true, 'SOAP fault: not authorised');
  // 8.1 of SOAP 1.2's HTTP binding sends faults with 400 and 500; node-onvif reads the fault itself.
  if (!isFault && status !== 200) {
    throw new TroubleError(status === 403 ? 'auth' : 'refused', true, `HTTP ${status} where ONVIF was expected`);
  }
  if (!isEnvelope || /<!DOCTYPE|<!ENTITY/i.test(xml)) throw new TroubleError('malformed', true, 'no SOAP envelope');
  return xml;
}
