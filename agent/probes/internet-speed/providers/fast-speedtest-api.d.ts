/** What the project uses of fast-speedtest-api 0.3.2, which ships no types. */
declare module 'fast-speedtest-api' {
  export default class Api {
    constructor(options: { token: string; https?: boolean; urlCount?: number });
    get(url: string): Promise<unknown>;
    getTargets(): Promise<string[]>;
  }
}
