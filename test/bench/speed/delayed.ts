import { setTimeout as delay } from 'node:timers/promises';
import type { ShapedLine } from '../../agent/internet-speed/shaped.ts';

const RELAY = new URL('./relay.ts', import.meta.url);
const HALF_DELAY_MS = 10;

/** TUN devices 10.88.0.1 and .2 with the relay between them; the provider's is what is shaped. */
export async function delayed(line: ShapedLine, mbps: number): Promise<string> {
  const { school, provider } = line;
  school.exec('ip', 'link', 'set', 'va', 'mtu', '9000');
  provider.exec('ip', 'link', 'set', 'vb', 'mtu', '9000');
  await line.serve(provider, RELAY, String(HALF_DELAY_MS));
  const tun = (address: string) => `TUN:${address}/24,up,iff-no-pi,tun-name=tun0`;
  await line.run(provider, 'socat', '-b', '65536', tun('10.88.0.2'), 'UDP4:127.0.0.1:7003,bind=127.0.0.1:7002');
  await line.run(school, 'socat', '-b', '65536', tun('10.88.0.1'), 'UDP4:10.77.0.2:7001');
  await delay(500);
  const rate = `rate ${mbps * 1000}kbit burst 64k latency 50ms`.split(' ');
  provider.exec('tc', 'qdisc', 'replace', 'dev', 'tun0', 'root', 'tbf', ...rate);
  return '10.88.0.2';
}
