import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Edition, EditionError, parseEdition } from './edition.ts';

const EDITIONS = join(import.meta.dirname, 'editions');

/** Every edition shipped in `editions/`, checked. Reading choices override the file's, by edition id then reading id. */
export function loadEditions(choices: Readonly<Record<string, Readonly<Record<string, string>>>> = {}): Edition[] {
  return readdirSync(EDITIONS)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => {
      const data: unknown = JSON.parse(readFileSync(join(EDITIONS, name), 'utf8'));
      const id = (data as { id?: unknown }).id;
      return parseEdition(data, typeof id === 'string' ? choices[id] : {});
    });
}

/** The edition with this id. Throws EditionError naming the known ones. */
export function loadEdition(id: string, choices: Readonly<Record<string, string>> = {}): Edition {
  const editions = loadEditions({ [id]: choices });
  const edition = editions.find((candidate) => candidate.id === id);
  if (!edition) throw new EditionError(`rubric ${id} is not known; known: ${editions.map((e) => e.id).join(', ')}`);
  return edition;
}

/** The edition with this id, or without one the newest by date. Throws EditionError. */
export function chooseEdition(id?: string): Edition {
  if (id !== undefined) return loadEdition(id);
  const newest = loadEditions()
    .sort((a, b) => (a.date < b.date ? -1 : 1))
    .at(-1);
  if (!newest) throw new EditionError('no edition of the rubric is installed');
  return newest;
}
