/**
 * What listens on the PCs and access points of the school of namespaces, for all of them: Windows' RPC and file sharing,
 * and the page of an access point. Their firewalls say who may come in. Prints `ready`.
 */
import { createServer } from 'node:net';

for (const port of [135, 445, 80]) {
  const server = createServer((socket) => socket.on('error', () => {}).end());
  await new Promise<void>((resolve) => server.listen(port, '0.0.0.0', resolve));
}
process.stdout.write('ready\n');
