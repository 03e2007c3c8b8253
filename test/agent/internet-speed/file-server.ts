/** Serves an endless file on 10.77.0.2:8080, for a namespace; prints `ready`. */
import { createServer } from 'node:http';

const piece = Buffer.alloc(256 * 1024);
const server = createServer((_request, response) => {
  response.on('error', () => {});
  const more = () => {
    while (!response.destroyed && response.write(piece));
  };
  response.on('drain', more);
  more();
});
server.listen(8080, '10.77.0.2', () => process.stdout.write('ready'));
