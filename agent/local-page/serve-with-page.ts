import { openPage, type Page } from './server.ts';
import { Site, type SiteOptions } from './site.ts';

/** `run` at a school: the agent with its page. A port that is taken costs the page, never a measurement. */
export async function serveWithPage(options: SiteOptions, port: number): Promise<'ended' | 'upgraded'> {
  const { log, say } = options;
  const site = new Site(options);
  let page: Page | null = null;
  try {
    page = await openPage(site, port);
    log.info({ port: page.port }, 'local page open');
    say(`Trang của tác tử trên máy này: http://127.0.0.1:${page.port} (mở bằng lệnh open)`);
  } catch (error) {
    log.error({ err: error, port }, 'local page not open, measuring goes on');
    const why = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'chương trình khác đang dùng cổng này' : error;
    say(`Không mở được trang của tác tử ở cổng ${port} (${why}); việc đo vẫn chạy. Chạy lệnh doctor để biết cách sửa`);
  }
  try {
    return await site.run();
  } finally {
    await page?.close();
  }
}
