import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';

// A red build is about the change, so property tests repeat the same cases there; everywhere else they try new ones.
if (process.env.CI) fc.configureGlobal({ seed: 8265 });

// Collectors and agents are started hundreds of times: what was compiled once is kept (a fifth of a start's processor time).
process.env.NODE_COMPILE_CACHE ??= path.join(tmpdir(), 'thdt-tests-compiled');
