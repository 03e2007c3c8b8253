import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageDeb } from '../../deploy/package/deb.ts';
import { canOverlay, exec, runs } from './tools.ts';

const can = canOverlay() && runs('dpkg-deb', '--version') && runs('systemd-analyze', '--version');

/**
 * Installs, sets up, removes and purges the package in a root file system of its own: this machine's with a layer over it
 * that is thrown away. Each step prints `=== name` first.
 */
const script = (deb: string, layer: string) => `
set -e
mount -t tmpfs tmpfs ${layer}
mkdir ${layer}/up ${layer}/work ${layer}/root
mount -t overlay overlay -o lowerdir=/,upperdir=${layer}/up,workdir=${layer}/work ${layer}/root
mount --bind /proc ${layer}/root/proc
mount --bind /dev ${layer}/root/dev
mount -t tmpfs tmpfs ${layer}/root/run
cp ${deb} ${layer}/root/agent.deb
inside() { chroot ${layer}/root "$@"; }
echo "=== install"; inside dpkg --force-depends -i /agent.deb 2>&1
echo "=== setup"; inside thdt-agent setup --role endpoint --collector http://127.0.0.1:9 --code ABCD-EFGH-JKMN 2>&1
echo "=== files"; inside stat -c '%U %a %n' /etc/thdt-agent /etc/thdt-agent/agent.json /var/lib/thdt-agent /usr/lib/thdt-agent/node
echo "=== config"; inside cat /etc/thdt-agent/agent.json
echo "=== once"; inside thdt-agent once --probe antivirus 2>&1
echo "=== verify"; inside systemd-analyze verify --man=no thdt-agent.service 2>&1 && echo verified
echo "=== security"; inside systemd-analyze security --offline=true --no-pager thdt-agent.service 2>&1 | tail -1
echo "=== again"; inside dpkg --force-depends -i /agent.deb 2>&1; inside grep -c ABCD-EFGH-JKMN /etc/thdt-agent/agent.json
echo "=== remove"; inside dpkg -r thdt-agent 2>&1; inside ls /etc/thdt-agent; inside ls /usr/lib/thdt-agent 2>&1 || true
echo "=== purge"; inside dpkg -P thdt-agent 2>&1; inside ls -d /etc/thdt-agent /var/lib/thdt-agent 2>&1 || true; inside getent passwd thdt-agent || echo "no user"
`;

describe.skipIf(!can)('the Debian package (root, overlayfs, dpkg, systemd-analyze)', () => {
  let folder: string;
  let said: Record<string, string>;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'thdt-deb-'));
    const { file } = await packageDeb(folder, { fast: true });
    const layer = await mkdtemp(path.join(tmpdir(), 'thdt-layer-'));
    const { stdout } = await exec('unshare', ['-m', 'sh', '-c', script(file, layer)]);
    await rm(layer, { recursive: true });
    said = Object.fromEntries(
      stdout
        .split('=== ')
        .slice(1)
        .map((part) => [part.split('\n', 1)[0]!, part.slice(part.indexOf('\n') + 1)]),
    );
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('installs, and says how to enrol', () => {
    expect(said.install).toContain('sudo thdt-agent setup');
  });

  it('sets up a configuration that only the service reads, with its data where state belongs', () => {
    expect(said.files!.trim().split('\n')).toEqual([
      'thdt-agent 700 /etc/thdt-agent',
      'thdt-agent 600 /etc/thdt-agent/agent.json',
      'thdt-agent 700 /var/lib/thdt-agent',
      'root 755 /usr/lib/thdt-agent/node',
    ]);
    expect(JSON.parse(said.config!)).toMatchObject({
      role: 'endpoint',
      dataDir: '/var/lib/thdt-agent',
      code: 'ABCD-EFGH-JKMN',
    });
  });

  it('measures as the user of the service, by the Node that it carries', () => {
    expect(JSON.parse(said.once!)).toMatchObject({ probe: 'antivirus', ok: true });
  });

  it('brings a unit that systemd takes and rates as well protected', () => {
    expect(said.verify!.trim()).toBe('verified');
    const exposure = Number(/exposure level for thdt-agent.service: ([\d.]+)/.exec(said.security!)?.[1]);
    expect(exposure).toBeLessThanOrEqual(2);
  });

  it('keeps its settings when it is installed again or removed, and leaves nothing when purged', () => {
    expect(said.again!.trim().split('\n').at(-1)).toBe('1');
    expect(said.remove).toContain('agent.json');
    expect(said.remove).not.toContain('main.mjs');
    expect(said.purge).toMatch(/cannot access '\/etc\/thdt-agent'.*cannot access '\/var\/lib\/thdt-agent'.*no user/s);
  });
});
