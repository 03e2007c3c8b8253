import { Agent, request } from 'undici';
import { urlHost } from '../lan-reach/host.ts';
import { networkReason } from '../lan-reach/network-reason.ts';
import type { Reason } from '../probe.ts';
import { decodeIpp, getPrinterAttributes, IppError } from './ipp.ts';
import { ATTRIBUTES, type PrinterState, printerState } from './printer-state.ts';

export interface IppAddress {
  address: string;
  port: number;
  /** Absolute path of the printer, `/ipp/print` by default (RFC 8010, 4; PWG 5100.12 names it). */
  path: string;
}

const MAX_ANSWER = 256 * 1024;
const MAX_HEADERS = 16 * 1024;

/** Get-Printer-Attributes over HTTP (RFC 8010, 4). Never throws for what the printer does. */
export async function askIpp(
  printer: IppAddress,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<{ state: PrinterState; version: string } | { reason: Reason; message: string }> {
  const place = `${urlHost(printer.address)}:${printer.port}${printer.path}`;
  const agent = new Agent({ maxResponseSize: MAX_ANSWER, maxHeaderSize: MAX_HEADERS, connect: { timeout: timeoutMs } });
  try {
    const { statusCode, body } = await request(`http://${place}`, {
      method: 'POST',
      headers: { 'content-type': 'application/ipp', accept: 'application/ipp' },
      body: getPrinterAttributes(`ipp://${place}`, ATTRIBUTES),
      dispatcher: agent,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    if (statusCode !== 200) {
      body.on('error', () => {});
      body.destroy();
      return { reason: statusCode === 401 || statusCode === 403 ? 'auth' : 'failed', message: `HTTP ${statusCode}` };
    }
    const answer = decodeIpp(Buffer.from(await body.arrayBuffer()));
    if (answer.code > 0x00ff) return refusal(answer.code);
    return { state: printerState(answer), version: answer.version };
  } catch (error) {
    if (error instanceof IppError) return { reason: 'malformed', message: `IPP: ${error.message}` };
    return networkReason(error);
  } finally {
    await agent.destroy();
  }
}

/** client-error-forbidden, -not-authenticated, -not-authorized: RFC 8011, appendix B.1.4. */
function refusal(status: number): { reason: Reason; message: string } {
  const auth = status >= 0x0401 && status <= 0x0403;
  return { reason: auth ? 'auth' : 'failed', message: `IPP status 0x${status.toString(16).padStart(4, '0')}` };
}
