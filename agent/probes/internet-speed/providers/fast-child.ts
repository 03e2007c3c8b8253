/**
 * Asks fast-speedtest-api for the nearby servers behind fast.com, and for nothing else, in a process that may die of it:
 * `getTargets()` never ends on an empty list, a response without content-type or with bad JSON throws where nobody can
 * catch it, and a body is collected without limit. Argument: `{ token, fastUrl? }`; prints `{ urls }` or `{ error }`.
 */
import Api from 'fast-speedtest-api';

/** The package asks again while the list is short; this many answers are enough to know that it stays so. */
const MAX_CALLS = 5;

const { token, fastUrl } = JSON.parse(process.argv[2] ?? '{}') as { token: string; fastUrl?: string };
const base = fastUrl ? new URL(fastUrl) : undefined;
const api = new Api({ token, https: base ? base.protocol === 'https:' : true, urlCount: 5 });

const get = api.get.bind(api);
let calls = 0;
api.get = (url: string) => {
  if (++calls > MAX_CALLS) throw Object.assign(new Error('the list of servers stays empty'), { code: 'EMPTY_LIST' });
  return get(base ? new URL(new URL(url).pathname + new URL(url).search, base).href : url);
};

const answer = (value: unknown) => process.stdout.write(JSON.stringify(value), () => process.exit(0));
const give = (error: unknown, code?: string) => {
  const { message, code: own } = error as { message?: string; code?: string };
  answer({
    error: {
      code: code ?? own ?? (error instanceof TypeError ? 'MALFORMED' : null),
      message: String(message ?? error).slice(0, 200),
    },
  });
};

process.on('uncaughtException', (error) => give(error, 'MALFORMED'));
api.getTargets().then((urls) => answer({ urls }), give);
