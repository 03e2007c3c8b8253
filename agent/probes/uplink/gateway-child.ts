/** Prints the address of the default gateway as JSON; in a process of its own, because systeminformation may block. */
import si from 'systeminformation';

process.stdout.write(JSON.stringify((await si.networkGatewayDefault()) || null));
