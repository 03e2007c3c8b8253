import { openPage, type Page } from './server.ts';
import { Site, type SiteOptions } from './site.ts';

/** `run` at a school: the agent with its page, if it is to have one. A port that is taken costs the page, never a measurement. */
export async function serveSite(options: SiteOptions): Promise<'ended' | 'upgraded'> {
  const site = new Site(options);
  const { localPage } = options.config;
  const page = localPage === false ? null : await pageOf(site, options, localPage.port);
  try {
    return await site.run();
  } finally {
    await page?.close();
  }
}

async function pageOf(site: Site, { log, say }: SiteOptions, port: number): Promise<Page | null> {
  try {
    const page = await openPage(site, port);
    log.info({ port: page.port }, 'local page open');
    say(`Trang của tác tử trên máy này: http://127.0.0.1:${page.port} (mở bằng lệnh open)`);
    return page;
  } catch (error) {
    log.error({ err: error, port }, 'local page not open, measuring goes on');
    const why = (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? 'chương trình khác đang dùng cổng này' : error;
    say(`Không mở được trang của tác tử ở cổng ${port} (${why}); việc đo vẫn chạy. Chạy lệnh doctor để biết cách sửa`);
    return null;
  }
}
