import { createHash } from 'node:crypto';

/**
 * What tells this machine from others after its disk was restored, without telling a number printed on it: SHA-256 of
 * its SMBIOS UUID (DMTF DSP0134, 7.2.1) behind a text of our own, so that no other program's digest of it fits.
 */
export function hardwareId(uuid: unknown): string | null {
  if (typeof uuid !== 'string') return null;
  const said = uuid.trim().toLowerCase();
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(said) || isPlaceholder(said)) return null;
  return createHash('sha256').update(`thdt-hardware:${said}`).digest('hex');
}

/** All zeros or ones mean "not set"; board makers ship the counted ones on whole series. */
const isPlaceholder = (uuid: string): boolean =>
  /^(.)\1*$/.test(uuid.replaceAll('-', '')) ||
  ['03000200-0400-0500-0006-000700080009', '00020003-0004-0005-0006-000700080009'].includes(uuid) ||
  uuid.startsWith('12345678-1234-');
