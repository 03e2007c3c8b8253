import { globSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { type Plugin, rolldown } from 'rolldown';

/** The agent as a few JavaScript files, for machines that get neither npm nor TypeScript. */

const ROOT = path.resolve(import.meta.dirname, '../..');
/** Reads a file beside itself at run time, so it stays a package. */
const PACKAGES = ['mac-oui-lookup'];

/**
 * Writes the agent into `folder`/app: `main.mjs`, its child processes beside it, and what it shares with them. Returns the
 * folder. An earlier bundle there is replaced.
 */
export async function bundleAgent(folder: string): Promise<string> {
  const app = path.join(folder, 'app');
  await rm(app, { recursive: true, force: true });
  const children = globSync('agent/**/*-child.ts', { cwd: ROOT }).filter((file) => !file.endsWith('bounded-child.ts'));
  const entries = [
    ['main', 'agent/main.ts'] as const,
    ['launcher', 'agent/launcher.ts'] as const,
    ...children.map((file) => [path.basename(file, '.ts'), file] as const),
  ];
  const bundle = await rolldown({
    cwd: ROOT,
    input: Object.fromEntries(entries),
    platform: 'node',
    external: PACKAGES,
    plugins: [childrenBeside],
  });
  await bundle.write({ dir: app, format: 'esm', entryFileNames: '[name].mjs', chunkFileNames: 'chunk-[hash].mjs' });
  await bundle.close();
  const require = createRequire(import.meta.url);
  for (const name of PACKAGES) {
    const from = path.dirname(require.resolve(`${name}/package.json`));
    const to = path.join(app, 'node_modules', name);
    await mkdir(path.dirname(to), { recursive: true });
    await cp(from, to, { recursive: true, dereference: true });
  }
  return app;
}

/** Children are started by their file's address beside the module that starts them; a bundle has them all in one folder. */
const childrenBeside: Plugin = {
  name: 'children-beside',
  transform(code, id) {
    if (!id.includes(`${path.sep}agent${path.sep}`)) return null;
    return { code: code.replaceAll(/new URL\((['"])\.\/([\w-]+-child)\.ts\1/g, 'new URL($1./$2.mjs$1') };
  },
};
