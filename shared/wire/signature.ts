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

/** Signs what an agent asks for beside its reports; `typ` says for what, so that no signature serves twice. */
export async function signClaims(typ: string, claims: Claims, privateKey: JWK): Promise<string> {
  const key = await importJWK(privateKey, 'EdDSA');
  return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
    .setProtectedHeader({ alg: 'EdDSA', kid: claims.agent, typ })
    .sign(key);
}

/** `agent`: who asks. `at`: when, by its clock, RFC 3339. */
export type Claims = Record<string, unknown> & { agent: string; at: string };

/** The claims of `signClaims`; throws RefusedError `signature-invalid`, or `report-invalid` for claims of another agent. */
export async function verifyClaims(typ: string, jws: string, agentId: string, publicKey: JWK): Promise<Claims> {
  if (claimedAgent(jws, typ) !== agentId) throw new RefusedError('report-invalid', 'not the agent that signed');
  const payload = await verifiedPayload(jws, publicKey);
  let claims: unknown;
  try {
    claims = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch {
    throw new RefusedError('report-invalid', 'the signed text is not JSON');
  }
  const { agent, at } = (claims ?? {}) as Partial<Claims>;
  if (agent !== agentId || typeof at !== 'string' || Number.isNaN(Date.parse(at)))
    throw new RefusedError('report-invalid', '/agent, /at: not the claims of this agent');
  return claims as Claims;
}

/** The agent id that a signed report claims, before anything is verified. Throws RefusedError `report-malformed`. */
export function claimedAgent(jws: string, typ: string = REPORT_TYP): string {
  try {
    const header = decodeProtectedHeader(jws);
    if (jws.split('.').length !== 3) throw new Error('not three parts');
    if (header.alg !== 'EdDSA' || header.typ !== typ || typeof header.kid !== 'string' || header.kid === '')
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
