import { isFresh, isoDate, KNOWN_PRODUCTS, type Product } from './products.ts';

/** What a Mac shows: Apple's XProtect and the endpoint security extensions of others. */
export interface MacFacts {
  /** When XProtect.bundle's Info.plist last changed, RFC 3339; null when there is none. */
  xprotectAt: string | null;
  /** Output of `systemextensionsctl list`; null when it could not be asked. */
  extensions: string | null;
}

/** XProtect is updated every few weeks, so its age is held against two months and not against a week. */
const XPROTECT_MAX_DAYS = 60;

/** Products in the facts; undefined when neither could be asked. Never throws. */
export function readMac(facts: MacFacts, nowMs: number): Product[] | undefined {
  if (facts.xprotectAt === null && facts.extensions === null) return undefined;
  const definitionsAt = facts.xprotectAt === null ? null : isoDate(facts.xprotectAt);
  const slack = (XPROTECT_MAX_DAYS - 7) * 24 * 3600 * 1000;
  const xprotect: Product[] = definitionsAt
    ? [{ name: 'XProtect', on: true, upToDate: isFresh(definitionsAt, nowMs - slack), definitionsAt }]
    : [];
  return [...xprotect, ...extensions(facts.extensions ?? '')];
}

/** "*	*	P8DQRXPVLP	com.eset.endpoint (7.4/1)	ESET	[activated enabled]": only both words are protection. */
export function extensions(text: string): Product[] {
  const found = new Map<string, boolean>();
  for (const line of text.split('\n')) {
    const [, bundle = '', state = ''] =
      /([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)\s+\([^)]*\).*\[([^\]]*)\]\s*$/.exec(line) ?? [];
    const known = KNOWN_PRODUCTS.find(({ macExtensions }) => macExtensions.some((start) => bundle.startsWith(start)));
    if (known) found.set(known.name, found.get(known.name) || state === 'activated enabled');
  }
  return [...found].map(([name, on]) => ({ name, on, upToDate: null, definitionsAt: null }));
}
