import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import type { JWK } from 'jose';
import { onTestFinished } from 'vitest';
import {
  MAX_REPORT_BYTES,
  REFUSALS,
  REPORT_CONTENT_TYPE,
  RefusedError,
  type Report,
} from '../../../shared/wire/report.ts';
import { claimedAgent, verifyReport } from '../../../shared/wire/signature.ts';
import { scratch } from './helpers.ts';

/** A collector of one file on loopback: verifies, writes a line with fsync, then acknowledges. */

export interface Reply {
  status: number;
  headers?: Record<string, string>;
  /** An object is sent as JSON. */
  body: unknown;
}

export class FakeCollector {
  /** Public keys by agent id; an agent without one is unknown. */
  readonly keys = new Map<string, JWK>();
  /** What was posted, in order, refused or not. */
  readonly received: { path: string; body: string; contentType: string | undefined }[] = [];
  readonly stored = new Map<string, Report>();
  /** Answers instead of the collector when it gives something; 'hang-up' closes the connection. */
  instead: (path: string, body: string) => Promise<Reply | 'hang-up' | undefined> | Reply | 'hang-up' | undefined =
    () => undefined;
  /** Between fsync and acknowledgement. */
  beforeAck: (report: Report) => Promise<'hang-up' | undefined> = async () => undefined;
  /** The collector's clock is so far ahead, ms. */
  aheadMs = 0;
  readonly file: string;
  readonly #fd: number;
  readonly #server: Server;

  private constructor(file: string) {
    this.file = file;
    this.#fd = openSync(file, 'a');
    this.#server = createServer((request, response) => void this.#handle(request, response));
  }

  static async start(): Promise<FakeCollector> {
    const collector = new FakeCollector(path.join(scratch(), 'stored.ndjson'));
    await new Promise<void>((resolve) => collector.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => collector.close());
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Ids on disk, one for each line. */
  storedIds(): string[] {
    const lines = readFileSync(this.file, 'utf8').split('\n');
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line).id);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) =>
      this.#server.close(() => {
        closeSync(this.#fd);
        resolve();
      }),
    );
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return; // the agent was killed while it was sending
    }
    const body = Buffer.concat(chunks).toString();
    const url = request.url ?? '';
    this.received.push({ path: url, body, contentType: request.headers['content-type'] });
    const reply = (await this.instead(url, body)) ?? (await this.#take(body, request.headers['content-type']));
    if (reply === 'hang-up') {
      request.socket.destroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }

  async #take(body: string, contentType: string | undefined): Promise<Reply | 'hang-up'> {
    try {
      if (contentType !== REPORT_CONTENT_TYPE) throw new RefusedError('report-malformed', 'wrong content type');
      if (body.length > MAX_REPORT_BYTES) throw new RefusedError('report-too-large', 'too large');
      const agent = claimedAgent(body);
      const key = this.keys.get(agent);
      if (!key) throw new RefusedError('agent-unknown', 'chưa biết máy này');
      const report = await verifyReport(body, agent, key);
      const isNew = !this.stored.has(report.id);
      if (isNew) {
        this.stored.set(report.id, report);
        writeSync(this.#fd, `${JSON.stringify(report)}\n`);
        fsyncSync(this.#fd);
      }
      if ((await this.beforeAck(report)) === 'hang-up') return 'hang-up';
      const serverTime = new Date(Date.now() + this.aheadMs).toISOString();
      return { status: isNew ? 201 : 200, body: { id: report.id, stored: isNew ? 'new' : 'duplicate', serverTime } };
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return refusal(error.code, error.message);
    }
  }
}

export const refusal = (code: keyof typeof REFUSALS, message = 'từ chối'): Reply => ({
  status: REFUSALS[code].status,
  body: { error: { code, message } },
});
