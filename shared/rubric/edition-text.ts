import { type Edition, EditionError, parseEdition } from './edition.ts';
import { JsonError, readJson } from './json.ts';

export const MAX_TEXT_BYTES = 1_000_000;
/** The schema itself needs twelve. */
export const MAX_TEXT_DEPTH = 32;

/**
 * An edition from a JSON text, for instance a draft that an administrator uploads. `choices` as in `parseEdition`.
 * Throws EditionError, and nothing else, with one line: for a broken text line and column, else the JSON pointer, the
 * line and what is wrong ("edition: /standards/2/max (line 210) must be multiple of 0.25").
 */
export function parseEditionText(text: string, choices: Readonly<Record<string, string>> = {}): Edition {
  if (typeof text !== 'string') throw new EditionError('edition: is no text');
  // Every UTF-16 unit is at least one byte of UTF-8, so a text too long need not be encoded to be refused.
  if (text.length > MAX_TEXT_BYTES || new TextEncoder().encode(text).length > MAX_TEXT_BYTES)
    throw new EditionError(`edition: the text is larger than ${MAX_TEXT_BYTES} bytes`);
  try {
    const json = readJson(text.replace(/^\uFEFF/, ''), MAX_TEXT_DEPTH); // some editors write a byte order mark
    try {
      return parseEdition(json.value, choices);
    } catch (error) {
      if (!(error instanceof EditionError) || !error.at) throw error;
      const { place, text: problem } = error.at;
      throw new EditionError(`edition: ${place} (line ${json.lineOf(place)}) ${problem}`, error.at);
    }
  } catch (error) {
    if (error instanceof JsonError) throw new EditionError(`edition: ${error.message}`);
    throw error;
  }
}
