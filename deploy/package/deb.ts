import { execFile } from 'node:child_process';
import { chmod, copyFile, cp, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { bundleAgent, bundleLauncher } from './bundle.ts';
import { nodeOf } from './node.ts';
import { addReleaseKey } from './release-key.ts';

/** `npm run package:deb`: the agent as a Debian package with its own Node and a hardened systemd unit. */

const run = promisify(execFile);
const ROOT = path.resolve(import.meta.dirname, '../..');
const LINUX = path.join(ROOT, 'deploy/linux');
const ARCHITECTURES = { amd64: 'linux-x64', arm64: 'linux-arm64' } as const;
export type Architecture = keyof typeof ARCHITECTURES;

export interface DebOptions {
  architecture?: Architecture;
  /** File with the public half of the key that signs releases; without it the agents never upgrade themselves. */
  releaseKey?: string;
  /** Packs in seconds instead of half a minute, half as large again: for tests. */
  fast?: boolean;
}

/** Makes the package in `out`. Throws when dpkg-deb is missing or complains. */
export async function packageDeb(out: string, options: DebOptions = {}): Promise<{ file: string; bytes: number }> {
  const { architecture = 'amd64', fast = false } = options;
  const { version } = JSON.parse(await readFile(path.join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const stage = path.join(out, `stage-deb-${architecture}`);
  await rm(stage, { recursive: true, force: true });
  const lib = path.join(stage, 'usr/lib/thdt-agent');
  const doc = path.join(stage, 'usr/share/doc/thdt-agent');
  for (const folder of [
    lib,
    doc,
    path.join(stage, 'DEBIAN'),
    path.join(stage, 'usr/bin'),
    path.join(stage, 'lib/systemd/system'),
  ])
    await mkdir(folder, { recursive: true, mode: 0o755 });
  await bundleAgent(lib);
  await bundleLauncher(lib);
  await copyFile(await nodeOf(ARCHITECTURES[architecture], out), path.join(lib, 'node'));
  await chmod(path.join(lib, 'node'), 0o755);
  await copyFile(path.join(LINUX, 'thdt-agent'), path.join(stage, 'usr/bin/thdt-agent'));
  await chmod(path.join(stage, 'usr/bin/thdt-agent'), 0o755);
  await copyFile(path.join(LINUX, 'thdt-agent.service'), path.join(stage, 'lib/systemd/system/thdt-agent.service'));
  await copyFile(path.join(ROOT, 'deploy/huong-dan-cai-dat.md'), path.join(doc, 'huong-dan-cai-dat.md'));
  await copyFile(path.join(ROOT, 'LICENSE'), path.join(doc, 'copyright'));
  if (options.releaseKey !== undefined) await addReleaseKey(options.releaseKey, lib);
  await cp(path.join(LINUX, 'debian'), path.join(stage, 'DEBIAN'), { recursive: true });
  for (const script of ['postinst', 'prerm', 'postrm']) await chmod(path.join(stage, 'DEBIAN', script), 0o755);
  await writeFile(path.join(stage, 'DEBIAN/control'), control(version, architecture, await sizeOf(stage)));
  const file = path.join(out, `thdt-agent_${version}_${architecture}.deb`);
  await run('dpkg-deb', ['--build', '--root-owner-group', fast ? '-Zgzip' : '-Zxz', fast ? '-z1' : '-z9', stage, file]);
  await rm(stage, { recursive: true });
  return { file, bytes: (await stat(file)).size };
}

/** ping and ip measure; iw tells the Wi-Fi; setpriv and useradd are in util-linux and passwd. */
const control = (version: string, architecture: string, kib: number) => `Package: thdt-agent
Version: ${version}
Architecture: ${architecture}
Maintainer: THĐT <thdt@localhost>
Installed-Size: ${kib}
Depends: libc6 (>= 2.28), libstdc++6, iputils-ping, iproute2, passwd, util-linux
Recommends: iw
Section: net
Priority: optional
Description: đo hạ tầng trường học điện tử (Quyết định 8265/QĐ-UBND)
 Đo tốc độ Internet, mạng LAN, máy in, camera, diệt virus ở trường và gửi về
 Phòng/Sở. Chỉ đo những gì tệp cấu hình nêu.
`;

/** KiB on disk, as `Installed-Size` wants it. */
async function sizeOf(folder: string): Promise<number> {
  const { stdout } = await run('du', ['-sk', folder]);
  return Number(stdout.split('\t')[0]);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string', default: 'dist' },
      arch: { type: 'string', default: 'amd64' },
      'release-key': { type: 'string' },
    },
  });
  if (!Object.hasOwn(ARCHITECTURES, values.arch))
    throw new Error(`--arch is one of ${Object.keys(ARCHITECTURES).join(', ')}`);
  const { 'release-key': releaseKey } = values;
  const options = { architecture: values.arch as Architecture, ...(releaseKey === undefined ? {} : { releaseKey }) };
  const { file, bytes } = await packageDeb(path.resolve(values.out), options);
  process.stdout.write(`${file} ${(bytes / 1e6).toFixed(1)} MB\n`);
}
