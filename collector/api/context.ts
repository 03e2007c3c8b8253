import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type {
  FastifyBaseLogger,
  FastifyInstance,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ReleaseKey } from '../../shared/wire/release.ts';
import type { Person } from '../access/people.ts';
import type { Editions } from '../editions/editions.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { Downloads } from '../installation/downloads.ts';
import type { Judging } from '../judging/judging.ts';
import type { Live } from '../live.ts';
import type { Store } from '../store/sqlite.ts';
import type { Role } from './schemas/session.ts';

/** What every resource is given. No globals: two collectors can run in one process. */
export interface Context {
  store: Store;
  editions: Editions;
  ingest: Ingest;
  live: Live;
  now: () => number;
  judging: Pick<Judging, 'touch' | 'fill' | 'lock'>;
  /** Where files of evidence lie, by digest. */
  evidenceDirectory: string;
  /** Where files of releases lie, by digest, and whose signature a release must bear; null: no release is taken. */
  releases: { directory: string; key: ReleaseKey | null };
  /** Installers that people download. */
  downloads: Downloads;
  /** SHA-256 of the printed sign-in link's token; null when the first administrator has a password. */
  signInLinkHash: string | null;
  /** Cookies are only sent over https. */
  secureCookies: boolean;
}

export type App = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * Least right that a route needs; a route of the API without it answers nobody but administrators. `school` needs
     * `own` beside it.
     */
    needs?: Role | 'nobody';
    /** The part of the address that must be a school's person's own school; `handler`: the handler sees to it. */
    own?: 'id' | 'school' | 'handler';
  }
  interface FastifyRequest {
    person: Person | null;
  }
}
