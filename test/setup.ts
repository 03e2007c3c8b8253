import fc from 'fast-check';

// A red build is about the change, so property tests repeat the same cases there; everywhere else they try new ones.
if (process.env.CI) fc.configureGlobal({ seed: 8265 });
