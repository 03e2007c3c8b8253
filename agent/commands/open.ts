import { openingAddress, showInBrowser } from '../local-page/open.ts';
import { type Call, EXIT } from './call.ts';

/** The address is printed where it is not shown: it opens the page once. */
export async function openLocalPage({ config, options, stdout, stderr }: Call): Promise<number> {
  const address = await openingAddress(config.dataDir);
  if (!options.print && (await showInBrowser(address))) return EXIT.done;
  stdout(`${address}\n`);
  stderr('agent: mở địa chỉ trên bằng trình duyệt của máy này; nó chỉ dùng được một lần\n');
  return EXIT.done;
}
