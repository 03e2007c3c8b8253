import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The page's own files, read once. Plain files that a browser takes as they are: the bundled agent carries the folder. */

export interface Asset {
  body: Buffer;
  type: string;
}

const FOLDER = path.join(import.meta.dirname, 'www');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** By path of the address. */
export async function readAssets(): Promise<Map<string, Asset>> {
  const assets = new Map<string, Asset>();
  for (const name of await readdir(FOLDER)) {
    const type = TYPES[path.extname(name)];
    if (type) assets.set(`/${name}`, { body: await readFile(path.join(FOLDER, name)), type });
  }
  assets.set('/', assets.get('/index.html')!);
  return assets;
}
