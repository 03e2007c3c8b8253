import { mkdir, readFile, stat } from 'node:fs/promises';
import { isIP } from 'node:net';
import path from 'node:path';
import { collectorUrl } from './config.ts';
import { writeDurably } from './spool/durable.ts';

/** Writes the configuration that an installer asks for: role, address and code; what a person wrote before stays. */

export interface Wanted {
  role?: string | undefined;
  collector?: string | undefined;
  code?: string | undefined;
  /** Data directory that a new file names; default `data` beside it. */
  data?: string | undefined;
}

/** Public half of the key that signs releases, as the district's packager put it beside the program (JWK). */
const RELEASE_KEY = path.join(import.meta.dirname, '..', 'release-key.json');

/** What an installer or a person gave that cannot be used: one line in Vietnamese. */
export class SetupError extends Error {
  override name = 'SetupError';
}

/** As in deploy/windows/installer.nsi. */
const RELAY_PORT = 8265;
const ROLES = ['site', 'endpoint'];
/** 8–64 letters, digits and hyphens, as the collector makes them; spaces come from copying. */
const CODE = /^[0-9A-Za-z-]{8,64}$/;

/**
 * Makes or changes `file`. A new file needs a role and an address; in an existing one only what is given changes. Throws
 * SetupError and then has changed nothing; what the disk says is thrown as it is.
 */
export async function setUp(file: string, wanted: Wanted, releaseKeyFile = RELEASE_KEY): Promise<void> {
  const role = given(wanted.role);
  if (role !== undefined && !ROLES.includes(role))
    throw new SetupError(`vai trò phải là site hoặc endpoint, không phải "${role}"`);
  const code = given(wanted.code)?.replaceAll(/\s/g, '');
  if (code !== undefined && !CODE.test(code))
    throw new SetupError(
      'mã cài đặt phải dài 8–64 ký tự gồm chữ, số, gạch nối: hãy chép lại nguyên mã từ trang của Phòng/Sở',
    );
  const collector = addressOf(given(wanted.collector));
  const before = await existing(file);
  const releaseKey = await existing(releaseKeyFile);
  if (before === null && (role === undefined || collector === undefined))
    throw new SetupError('cài lần đầu cần vai trò (site, endpoint) và địa chỉ máy chủ');
  const config = {
    ...(before ?? startOf(role!, collector!, given(wanted.data) ?? 'data')),
    ...(role === undefined ? {} : { role }),
    ...(collector === undefined ? {} : { collector }),
    ...(code === undefined ? {} : { code }),
    ...(releaseKey === null ? {} : { releaseKey }),
  };
  await mkdir(path.dirname(file), { recursive: true });
  const mode = await stat(file).then(
    ({ mode }) => mode & 0o777,
    () => 0o600,
  );
  await writeDurably(path.dirname(file), path.basename(file), `${JSON.stringify(config, null, 2)}\n`, mode);
}

/**
 * An endpoint measures what every endpoint does. A site begins with what needs no inventory; its devices come from the
 * local page or `discover`. It passes on what PCs report, for which the installer opens the port.
 */
function startOf(role: string, collector: string, dataDir: string): Record<string, unknown> {
  if (role === 'endpoint') return { dataDir };
  const { hostname } = new URL(collector);
  const outside = isIP(hostname.replaceAll(/[[\]]/g, '')) === 0 && hostname.includes('.') ? [hostname] : [];
  return {
    dataDir,
    relay: { port: RELAY_PORT },
    probes: {
      'internet-speed': { providers: [{ provider: 'fast' }, { provider: 'ndt7' }, { provider: 'collector' }] },
      ...(outside.length > 0 ? { uplink: { names: outside } } : {}),
      'lan-reach': { targets: [] },
      printer: { targets: [] },
      camera: { targets: [] },
      antivirus: {},
      host: {},
    },
  };
}

/** An installer passes empty texts for what nobody typed. */
const given = (text: string | undefined): string | undefined => (text?.trim() ? text.trim() : undefined);

/** People type a host's name and leave out what stands before it. */
function addressOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const address = collectorUrl(text.includes('://') ? text : `http://${text}`);
  if (address === null)
    throw new SetupError(`"${text.slice(0, 80)}" không phải địa chỉ máy chủ: cần dạng https://ten-may-chu`);
  return address;
}

async function existing(file: string): Promise<Record<string, unknown> | null> {
  let text: string;
  try {
    text = (await readFile(file, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  try {
    const data: unknown = JSON.parse(text);
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>;
  } catch {
    // Told below, without the text: it may hold passwords.
  }
  throw new SetupError(`${file} không phải JSON đúng: sửa lại hoặc đổi tên tệp này rồi cài lại`);
}
