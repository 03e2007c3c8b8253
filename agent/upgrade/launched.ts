/** What launcher and agent say to each other. The launcher is not upgraded with the agent: this only ever grows. */

/** Environment variable: the folder of versions. Its presence says that the launcher can start another version. */
export const VERSIONS_VARIABLE = 'THDT_VERSIONS';
/** Exit code of an agent that has switched to another version. */
export const EXIT_UPGRADED = 79;
/** Message over the channel: reports were tried to be sent, and the collector was not there or could not take them. */
export const SAYS_EXCUSE = 'thdt:no-collector';
