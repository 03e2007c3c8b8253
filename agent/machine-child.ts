/**
 * Prints what the system knows of its hardware as JSON, HardwareFacts. In a process of its own, because systeminformation
 * runs commands synchronously on some systems and would hold the agent meanwhile.
 */
import si from 'systeminformation';
import type { HardwareFacts } from './machine.ts';

const [system, board, disks, interfaces] = await Promise.all([
  si.system().catch(() => null),
  si.baseboard().catch(() => null),
  si.diskLayout().catch(() => []),
  si.networkInterfaces().catch(() => []),
]);
const facts: HardwareFacts = {
  uuid: system?.uuid,
  board: board?.serial,
  disks: disks.map(({ device, serialNum, interfaceType }) => ({ device, serialNum, interfaceType })),
  interfaces: [interfaces].flat().map(({ mac, internal, virtual }) => ({ mac, internal, virtual })),
};
process.stdout.write(JSON.stringify(facts));
