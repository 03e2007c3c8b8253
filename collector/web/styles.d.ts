/** Vite bundles style sheets; to the compiler they are files without exports. */
declare module '*.css';
