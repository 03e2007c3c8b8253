/** What the project uses of the insides of ping 1.0, whose types do not cover these paths. */
declare module 'ping/lib/builder/factory.js' {
  const builders: {
    getExecutablePath(platform: string, v6: boolean): string;
    createBuilder(platform: string): { getCommandArguments(target: string, config: object): string[] };
  };
  export default builders;
}
declare module 'ping/lib/parser/factory.js' {
  const parsers: {
    createParser(
      address: string,
      platform: string,
      config: object,
    ): { eat(line: string): unknown; getResult(): { alive: boolean; time: unknown } };
  };
  export default parsers;
}
