import { install } from '../../../agent/upgrade/install.ts';

/** Installs as a process of its own, which a test kills. */

const { dir, version, base, releaseKey } = JSON.parse(process.argv[2]!);
const platform = `${process.platform}-${process.arch}`;
await install({ dir, version, base, releaseKey, platform, signal: AbortSignal.timeout(60_000) });
