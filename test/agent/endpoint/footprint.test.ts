import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../agent/config.ts';
import { probesFor } from '../../../agent/probes/choose.ts';
import { probes } from '../../../agent/probes/registry.ts';
import { OWN_HOST_PROBES } from '../../../shared/wire/machine.ts';
import { scratch, writeConfig } from '../runtime/helpers.ts';

/** What an endpoint carries in its memory on every PC of a school. */

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** Every file and package that is loaded with these files; what is imported when it is asked for does not count. */
function loadedWith(...files: string[]): Set<string> {
  const found = new Set<string>();
  const visit = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    if (!file.endsWith('.ts')) return;
    const statements = readFileSync(path.join(ROOT, file), 'utf8').matchAll(
      /^(?:import|export)\s+(?!type\s)(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]/gm,
    );
    for (const [, name] of statements)
      visit(name!.startsWith('.') ? path.join(path.dirname(file), name!).replaceAll(path.sep, '/') : name!);
  };
  files.forEach(visit);
  return found;
}

describe('the footprint of an endpoint', () => {
  const chosen = (config: unknown) => {
    const file = writeConfig(scratch(), config);
    return probesFor(['run', '--config', file]).then((some) => ({ file, some, names: some.map(({ name }) => name) }));
  };
  const every = probes.map(({ name }) => name);

  it('loads no library of other probes, and no HTTP client that compiles its parser', () => {
    const loaded = loadedWith('agent/main.ts', 'agent/commands/run.ts', 'agent/probes/choose.ts');
    expect(loaded).toContain('agent/uplink/sender.ts');
    expect(loaded).toContain('agent/probes/antivirus/antivirus.ts');
    const heavy = ['undici', 'net-snmp', 'systeminformation', 'mac-oui-lookup', 'jpeg-js', 'dns-packet'];
    expect(heavy.filter((name) => loaded.has(name))).toEqual([]);
    expect([...loaded].filter((file) => /agent\/(relay|local-page\/s|probes\/(camera|printer))/.test(file))).toEqual(
      [],
    );
    expect(readFileSync(path.join(ROOT, 'agent/uplink/post.ts'), 'utf8')).not.toMatch(/\bfetch\(/);
  });

  it('knows of the heavy libraries in the registry, so that looking for them says something', () => {
    const loaded = loadedWith('agent/probes/registry.ts');
    expect(['undici', 'net-snmp'].filter((name) => !loaded.has(name))).toEqual([]);
  });

  it('gives an endpoint the probes of its own host, which are those that the wire allows', async () => {
    for (const config of [{ role: 'endpoint' }, { role: 'endpoint', probes: { wifi: {} }, schedule: { host: {} } }])
      expect(new Set((await chosen(config)).names)).toEqual(OWN_HOST_PROBES);
    const file = writeConfig(scratch(), `\uFEFF${JSON.stringify({ role: 'endpoint' })}`);
    expect((await probesFor([`--config=${file}`, 'run'])).length).toBe(OWN_HOST_PROBES.size);
  });

  it('gives every probe to everything else', async () => {
    for (const config of [
      { probes: { host: {} } },
      { role: 'site', probes: {} },
      '{',
      { role: 'endpoint', probes: null },
    ])
      expect((await chosen(config)).names).toEqual(every);
    expect((await probesFor(['run'])).length).toBe(every.length);
    expect((await probesFor(['run', '--config', path.join(scratch(), 'none.json')])).length).toBe(every.length);
  });

  it('says of another probe that an endpoint does not measure it, not that there is none', async () => {
    const { file, some } = await chosen({ role: 'endpoint', probes: { camera: { targets: [] } } });
    expect(() => loadConfig(file, some)).toThrow(/\/probes\/camera: "role": "endpoint" chỉ đo chính máy này/);
  });
});
