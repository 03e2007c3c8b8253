/**
 * Names of a release: its version, and paths that mean the same file below the version's folder on every system, and never
 * one outside. Without dependencies, because the launcher of the agent uses it.
 */

/**
 * Semantic Versioning 2.0.0 without build metadata and in lower case: a version is also the name of a folder, on systems
 * that tell no `A` from `a`.
 */
export const VERSION_PATTERN =
  '^(?:0|[1-9]\\d{0,5})\\.(?:0|[1-9]\\d{0,5})\\.(?:0|[1-9]\\d{0,5})(?:-(?:0|[1-9]\\d*|\\d*[a-z-][0-9a-z-]*)(?:\\.(?:0|[1-9]\\d*|\\d*[a-z-][0-9a-z-]*))*)?$';

/** Letters, digits, `_ @ + -`, dots inside: no separator, drive, stream (`a:b`), wildcard or trailing dot of Windows. */
const SEGMENT = /^[A-Za-z0-9_@+-](?:[A-Za-z0-9._@+-]{0,98}[A-Za-z0-9_@+-])?$/;
/** Names of devices, with any ending (Windows, "Naming Files, Paths, and Namespaces"). */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const MAX_DEPTH = 10;

/** Why a path is refused; null for a good one. */
export function pathProblem(path: string): string | null {
  if (path.includes('\\')) return 'a backslash';
  if (path.startsWith('/')) return 'an absolute path';
  const segments = path.split('/');
  if (segments.length > MAX_DEPTH) return `deeper than ${MAX_DEPTH}`;
  for (const segment of segments) {
    if (segment === '' || segment === '.' || segment === '..') return 'an empty name, "." or ".."';
    if (segment.includes(':')) return 'a drive or a stream';
    if (!SEGMENT.test(segment)) return 'a name that not every system takes';
    if (DEVICE.test(segment)) return 'the name of a device';
  }
  return null;
}

/** The first path that is refused, by itself or because of another: the same file twice, or a file that is a folder too. */
export function pathsProblem(paths: readonly string[]): { index: number; why: string } | null {
  const files = new Set(paths.map((path) => path.toLowerCase()));
  const seen = new Set<string>();
  for (const [index, path] of paths.entries()) {
    const why = pathProblem(path);
    if (why !== null) return { index, why };
    const name = path.toLowerCase();
    if (seen.has(name)) return { index, why: 'the same file twice' };
    seen.add(name);
    const segments = name.split('/');
    for (let depth = 1; depth < segments.length; depth++)
      if (files.has(segments.slice(0, depth).join('/'))) return { index, why: 'a folder that is a file too' };
  }
  return null;
}
