/** Serves endless files on 10.77.0.2:8080, and takes what is sent, for a namespace; prints `ready`. */
import { createServer } from 'node:http';

const piece = Buffer.alloc(256 * 1024);
const server = createServer((request, response) => {
  request.on('error', () => {});
  response.on('error', () => {});
  if (request.method === 'POST') {
    request.on('data', () => {});
    request.on('end', () => response.end('taken'));
    return;
  }
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
});
server.listen(8080, '10.77.0.2', () => process.stdout.write('ready'));
