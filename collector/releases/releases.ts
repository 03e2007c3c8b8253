import { decodeJwt } from 'jose';
import { filesOf, type Release, type ReleaseFile } from '../../shared/wire/release.ts';
import type { Store } from '../store/sqlite.ts';
import { hasFile } from './files.ts';

/** The releases that were taken. Their signature was verified then, so the manifest is read without doing it again. */

export interface KnownRelease {
  version: string;
  manifest: string;
  release: Release;
  by: string;
  at: number;
}

export async function knownReleases(store: Store): Promise<KnownRelease[]> {
  const rows = await store.selectFrom('release').selectAll().orderBy('at', 'desc').execute();
  return rows.map((row) => ({ ...row, release: decodeJwt(row.manifest) as unknown as Release }));
}

export async function knownRelease(store: Store, version: string): Promise<KnownRelease | null> {
  const row = await store.selectFrom('release').selectAll().where('version', '=', version).executeTakeFirst();
  return row ? { ...row, release: decodeJwt(row.manifest) as unknown as Release } : null;
}

/** Files of a release that are not here yet. */
export async function missingFiles(directory: string, release: Release): Promise<ReleaseFile[]> {
  const files = [...filesOf(release).values()];
  const there = await Promise.all(files.map((file) => hasFile(directory, file)));
  return files.filter((_, index) => !there[index]);
}
