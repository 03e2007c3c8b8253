import manifest from '../../package.json' with { type: 'json' };

/** Version of the agent, as enrolment and every report tell it. */
export const VERSION: string = manifest.version;
