/**
 * Prints what systeminformation knows of the interface that leads out, and how much it carries just now. In a process of
 * its own, because systeminformation runs commands synchronously on some systems and would hold the agent meanwhile.
 */
import { setTimeout as delay } from 'node:timers/promises';
import si from 'systeminformation';

const TRAFFIC_MS = 500;

const received = async (name: string) => (await si.networkStats(name))[0]?.rx_bytes;

const { iface, type, speed, virtual } = await si.networkInterfaces('default');
const before = await received(iface);
const start = performance.now();
await delay(TRAFFIC_MS);
const after = await received(iface);
const seconds = (performance.now() - start) / 1000;
const busyMbps = before === undefined || after === undefined ? null : ((after - before) * 8) / seconds / 1e6;
process.stdout.write(JSON.stringify({ iface, type, speed, virtual, busyMbps }));
