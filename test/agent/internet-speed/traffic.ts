/** Traffic beside a test, by UDP, for a namespace: `receive` on 10.77.0.1:9999, or `send MBPS` to it; prints `ready`. */
import { createSocket } from 'node:dgram';

const [role, mbps] = process.argv.slice(2);
const socket = createSocket('udp4');
socket.on('error', () => {});
if (role === 'receive') socket.bind(9999, '10.77.0.1', () => process.stdout.write('ready'));
else {
  const packet = Buffer.alloc(1400);
  const bytesPerMs = (Number(mbps) * 1e6) / 8 / 1000;
  const start = performance.now();
  let sent = 0;
  setInterval(() => {
    for (; sent < (performance.now() - start) * bytesPerMs; sent += packet.length + 42)
      socket.send(packet, 9999, '10.77.0.1');
  }, 2);
  process.stdout.write('ready');
}
