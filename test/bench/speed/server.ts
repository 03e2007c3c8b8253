/**
 * The provider's side for the benchmark of speed tests, on 10.77.0.2:8080 of a namespace: `/` is a file without end,
 * `/speedtest` one of fast.com's size, `/ndt/v7/download` ndt7's ten seconds; prints `ready`.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

const FAST_BYTES = 26_214_400;
const NDT7_MS = 10_000;
const piece = Buffer.alloc(256 * 1024);
/** Binary message of 64 kB as a server sends it (RFC 6455, 5.2). */
const message = Buffer.concat([Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]), Buffer.alloc(65_536)]);

const server = createServer((request, response) => {
  response.on('error', () => {});
  request.on('error', () => {});
  if (request.method === 'POST') {
    request.resume();
    request.on('end', () => response.end('ok'));
    return;
  }
  response.setHeader('content-type', 'application/octet-stream');
  let left = Number.POSITIVE_INFINITY;
  if (request.url?.startsWith('/speedtest')) {
    response.setHeader('content-length', FAST_BYTES);
    left = FAST_BYTES;
  }
  const more = () => {
    while (!response.destroyed && left > 0) {
      const part = left < piece.length ? piece.subarray(0, left) : piece;
      left -= part.length;
      if (!response.write(part)) return;
    }
    if (left <= 0) response.end();
  };
  response.on('drain', more);
  more();
});
server.on('upgrade', (request, socket) => {
  const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  socket.on('error', () => {});
  socket.write(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}\r\n` +
      'Sec-WebSocket-Protocol: net.measurementlab.ndt.v7\r\n\r\n',
  );
  socket.resume();
  const until = performance.now() + NDT7_MS;
  const more = () => {
    while (!socket.destroyed && performance.now() < until) if (!socket.write(message)) return;
    if (performance.now() >= until) socket.end(Buffer.from([0x88, 0]));
  };
  socket.on('drain', more);
  more();
});
server.listen(8080, () => process.stdout.write('ready'));
