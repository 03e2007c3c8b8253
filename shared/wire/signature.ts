import { CompactSign, compactVerify, decodeProtectedHeader, errors, importJWK, type JWK } from 'jose';
import { parseReport, REPORT_TYP, RefusedError, type Report } from './report.ts';

/** Signed reports: compact JWS (RFC 7515), EdDSA over Ed25519 (RFC 8037), header `kid` = agent id. */

/** Signs a report. `privateKey` is the agent's Ed25519 JWK. Answers the compact JWS (ASCII, three parts). */
export async function signReport(report: Report, privateKey: JWK): Promise<string> {
  const key = await importJWK(privateKey, 'EdDSA');
  return new CompactSign(new TextEncoder().encode(JSON.stringify(report)))
    .setProtectedHeader({ alg: 'EdDSA', kid: report.agent, typ: REPORT_TYP })
    .sign(key);
}

/** The agent id that a signed report claims, before anything is verified. Throws RefusedError `report-malformed`. */
export function claimedAgent(jws: string): string {
  try {
    const header = decodeProtectedHeader(jws);
    if (jws.split('.').length !== 3) throw new Error('not three parts');
    if (header.alg !== 'EdDSA' || header.typ !== REPORT_TYP || typeof header.kid !== 'string' || header.kid === '')
      throw new Error('wrong header');
    return header.kid;
  } catch (error) {
    throw new RefusedError('report-malformed', `not a signed report: ${(error as Error).message}`);
  }
}

/**
 * Verifies the signature against the agent's public key, then the shape. Throws RefusedError: `signature-invalid` when
 * the bytes are not what the agent signed, `report-invalid` when it signed something that is not a report of its own.
 */
export async function verifyReport(jws: string, agentId: string, publicKey: JWK): Promise<Report> {
  const payload = await verifiedPayload(jws, publicKey);
  let data: unknown;
  try {
    data = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new RefusedError('report-invalid', 'the signed text is not JSON');
  }
  const report = parseReport(data);
  if (report.agent !== agentId) throw new RefusedError('report-invalid', '/agent: not the agent that signed');
  return report;
}

async function verifiedPayload(jws: string, publicKey: JWK): Promise<Uint8Array> {
  try {
    const { payload } = await compactVerify(jws, await importJWK(publicKey, 'EdDSA'), { algorithms: ['EdDSA'] });
    return payload;
  } catch (error) {
    if (error instanceof errors.JOSEError)
      throw new RefusedError('signature-invalid', 'the signature does not fit the report');
    throw error;
  }
}
