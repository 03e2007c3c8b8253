import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Found, foundIn } from '../../../shared/wire/discovery.ts';
import { joinNamespaces, makeNamespace, type Namespace, whyNoNamespaces } from '../lan-reach/namespace.ts';
import { scratch, until, writeConfig } from '../runtime/helpers.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
const why = whyNoNamespaces();
const children: ChildProcess[] = [];
let agent: Namespace;
let school: Namespace;

/** A process inside a namespace; ended with the tests. */
function inside({ name }: Namespace, command: string[]): ChildProcess & { out: string; err: string } {
  const child = Object.assign(
    spawn('ip', ['netns', 'exec', name, ...command], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, NODE_OPTIONS: '', DNS_SD_CLIENT_PORT: '0' },
    }),
    { out: '', err: '' },
  );
  child.stdout.on('data', (piece: Buffer) => {
    child.out += piece.toString();
  });
  child.stderr.on('data', (piece: Buffer) => {
    child.err += piece.toString();
  });
  children.push(child);
  return child;
}

const program = (...argv: string[]) => inside(agent, [process.execPath, path.join(ROOT, 'agent/main.ts'), ...argv]);
async function discover(file: string, ...argv: string[]) {
  const child = program('discover', '--config', file, ...argv);
  const [code] = await once(child, 'close');
  return { code, out: child.out, err: child.err };
}
const foundOf = (out: string): Found[] =>
  out
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => foundIn(JSON.parse(line))!);
const by = (found: Found[], end: number) => found.find(({ address }) => address === `10.77.0.${end}`);

beforeAll(async () => {
  if (why) return;
  agent = makeNamespace();
  school = makeNamespace();
  joinNamespaces(agent, school);
  // One cable, many devices: each address on an interface of its own, so that each has its Ethernet address.
  school.exec('ip', 'link', 'add', 'bridge0', 'type', 'bridge');
  school.exec('ip', 'address', 'flush', 'dev', 'vb');
  school.exec('ip', 'link', 'set', 'vb', 'master', 'bridge0');
  school.exec('ip', 'link', 'set', 'bridge0', 'up');
  school.exec('sysctl', '-qw', 'net.ipv4.conf.all.arp_ignore=1', 'net.ipv4.conf.all.arp_filter=0');
  for (const end of [2, 3, 4, 5, 6, 7]) {
    const mac = `54:bf:64:00:00:0${end}`;
    const pair = [`d${end}`, 'address', mac, 'type', 'veth', 'peer', 'name', `p${end}`];
    school.exec('ip', 'link', 'add', ...pair);
    school.exec('ip', 'link', 'set', `p${end}`, 'master', 'bridge0', 'up');
    school.exec('ip', 'link', 'set', `d${end}`, 'up');
    school.exec('ip', 'address', 'add', `10.77.0.${end}/24`, 'dev', `d${end}`);
    for (const setting of ['rp_filter=0', 'arp_announce=2', 'accept_local=1'])
      school.exec('sysctl', '-qw', `net.ipv4.conf.d${end}.${setting}`);
  }
  school.exec('sysctl', '-qw', 'net.ipv4.conf.all.rp_filter=0');
  const devices = [
    { address: '10.77.0.2', play: 'pc' },
    { address: '10.77.0.3', play: 'camera' },
    { address: '10.77.0.4', play: 'printer' },
    { address: '10.77.0.5', play: 'garbage' },
    { address: '10.77.0.7', play: 'ipp' },
  ];
  const script = fileURLToPath(new URL('./responders.ts', import.meta.url));
  const played = inside(school, [process.execPath, script, JSON.stringify({ devices })]);
  await until('the devices', () => played.out.includes('ready'));
});

afterAll(async () => {
  for (const child of children) {
    child.kill('SIGKILL');
    if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  }
  if (why) return;
  agent.remove();
  school.remove();
});

describe('in a network of its own', () => {
  test('every device is found and known by what it says; garbage costs nothing but its words', async (ctx) => {
    if (why) ctx.skip(why);
    const file = writeConfig(scratch(), {
      probes: { 'lan-reach': { targets: [{ id: 'cam-cong', address: '10.77.0.3', kind: 'camera' }] } },
    });
    const { code, out, err } = await discover(file, '--sweep', '10.77.0.0/28', '--json');
    expect([code, err]).toEqual([0, expect.stringContaining('6 thiết bị, 5 chưa khai')]);
    const found = foundOf(out);
    expect(found.map(({ address }) => address)).toEqual([2, 3, 4, 5, 6, 7].map((end) => `10.77.0.${end}`));
    expect(by(found, 2)).toMatchObject({
      mac: '54:bf:64:00:00:02',
      vendor: 'Dell Inc.',
      names: { netbios: 'PC-HIEUTRUONG' },
      ports: [135, 445],
      kind: 'pc',
      via: 'sweep',
      proposedId: 'pc-hieutruong',
    });
    expect(by(found, 3)).toMatchObject({
      onvif: { name: 'Cổng trường', hardware: 'DS-2CD' },
      kind: 'camera',
      kindBy: 'onvif',
      proposedId: 'cam-cong',
    });
    expect(by(found, 4)).toMatchObject({ kind: 'printer', kindBy: 'mdns', proposedId: 'may-in-phong-hop' });
    expect(by(found, 5)).toMatchObject({ names: {}, snmp: null, onvif: null, printer: null, ports: [80, 631] });
    expect(by(found, 6)).toMatchObject({ ports: [], kind: 'pc', kindBy: 'vendor', proposedId: 'pc-000006' });
    expect(by(found, 7)).toMatchObject({ printer: 'Brother HL-L2321D', kind: 'printer', kindBy: 'ipp' });
    const kept = JSON.parse(readFileSync(path.join(path.dirname(file), 'data/discovered.json'), 'utf8'));
    expect(kept.found).toEqual(found);
  });

  test('without --sweep only known neighbours are asked, and --add adds them to the file, once', async (ctx) => {
    if (why) ctx.skip(why);
    // A second address of the same device is no second device.
    school.exec('ip', 'address', 'add', '10.77.0.12/24', 'dev', 'd2');
    agent.exec('ip', 'neigh', 'flush', 'all');
    agent.exec('ip', 'neigh', 'replace', '10.77.0.12', 'lladdr', '54:bf:64:00:00:02', 'nud', 'reachable', 'dev', 'va');
    agent.exec('ip', 'neigh', 'replace', '10.77.0.2', 'lladdr', '54:bf:64:00:00:02', 'nud', 'reachable', 'dev', 'va');
    agent.exec('ip', 'neigh', 'replace', '10.77.0.99', 'lladdr', '54:bf:64:00:00:99', 'nud', 'stale', 'dev', 'va');
    const config = { log: 'silent', probes: { printer: { targets: [] } }, schedule: { printer: { everySeconds: 60 } } };
    const file = writeConfig(scratch(), config);
    const before = readFileSync(file, 'utf8');
    const first = await discover(file, '--add');
    expect([first.code, first.err]).toEqual([0, expect.stringContaining('đã thêm 1 thiết bị')]);
    expect(first.out).toMatch(
      /^ĐỊA CHỈ .*\n10\.77\.0\.2 +PC-HIEUTRUONG +Dell Inc\. +máy tính +54:bf:64:00:00:02 +pc-hieutruong\n$/,
    );
    const target = { id: 'pc-hieutruong', address: '10.77.0.2', mac: '54:bf:64:00:00:02', kind: 'pc' };
    const after = JSON.parse(readFileSync(file, 'utf8'));
    expect(after).toEqual({ ...config, probes: { ...config.probes, 'lan-reach': { targets: [target] } } });
    expect(readFileSync(`${file}.bak`, 'utf8')).toBe(before);
    expect(first.err).toContain('1 địa chỉ nữa thuộc về một MAC');
    const again = await discover(file, '--add');
    expect(again.err).toContain('đã thêm 0 thiết bị');
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(after);
  });

  test('Ctrl+C ends a sweep at once, and adds nothing', async (ctx) => {
    if (why) ctx.skip(why);
    const file = writeConfig(scratch(), { probes: {} });
    const before = readFileSync(file, 'utf8');
    // Behind no router: each address of this range is waited for, two minutes in all.
    agent.exec('ip', 'route', 'replace', '10.88.0.0/16', 'via', '10.77.0.7');
    const child = program('discover', '--config', file, '--sweep', '10.77.0.2-7', '--sweep', '10.88.0.0/22', '--add');
    await until('its progress', () => child.err.includes('agent: hỏi '));
    const start = performance.now();
    process.kill(child.pid!, 'SIGINT');
    const [code] = await once(child, 'close');
    expect(performance.now() - start).toBeLessThan(10_000);
    expect([code, child.out]).toEqual([130, expect.stringContaining('10.77.0.2')]);
    expect(child.err).toContain('đã dừng giữa chừng');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('a real SNMP agent is known by its own words', async (ctx) => {
    if (why) ctx.skip(why);
    if (!existsSync('/usr/sbin/snmpd')) ctx.skip('snmpd is missing');
    const conf = path.join(scratch(), 'snmpd.conf');
    writeFileSync(
      conf,
      'rocommunity public\nsysDescr HP ETHERNET MULTI-ENVIRONMENT,JETDIRECT\nsysName mayin-vp\nagentaddress udp:10.77.0.6:161\n',
    );
    const daemon = inside(school, ['/usr/sbin/snmpd', '-f', '-Lo', '-C', '-c', conf, '-I', '-smux']);
    await until('snmpd', () => daemon.out.includes('NET-SNMP') || daemon.err.includes('NET-SNMP'));
    const { out } = await discover(writeConfig(scratch(), { probes: {} }), '--sweep', '10.77.0.6-6', '--json');
    expect(by(foundOf(out), 6)).toMatchObject({
      snmp: { sysName: 'mayin-vp', sysDescr: 'HP ETHERNET MULTI-ENVIRONMENT,JETDIRECT' },
      kind: 'printer',
      kindBy: 'snmp',
    });
  });
});
