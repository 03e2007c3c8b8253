import { Anchor, Group } from '@mantine/core';
import { Link, useLocation } from 'wouter';
import { type Key, useT } from '../messages/messages.tsx';

const PAGES: { href: string; key: Key }[] = [
  { href: '/quan-tri', key: 'schoolsAndUnits' },
  { href: '/nguoi-dung', key: 'people' },
  { href: '/bo-tieu-chi', key: 'editions' },
  { href: '/nhap-tep/schools', key: 'imports' },
  { href: '/phien-ban', key: 'releases' },
  { href: '/nhat-ky', key: 'audit' },
];

/** The pages of the administration. */
export function AdminNav() {
  const t = useT();
  const [path] = useLocation();
  return (
    <nav aria-label={t('admin')} className="no-print">
      <Group gap="md">
        {PAGES.map(({ href, key }) => {
          const here = path.startsWith(href.split('/').slice(0, 2).join('/'));
          return (
            <Anchor
              key={href}
              component={Link}
              href={href}
              fz="sm"
              fw={here ? 700 : 400}
              aria-current={here ? 'page' : undefined}
            >
              {t(key)}
            </Anchor>
          );
        })}
      </Group>
    </nav>
  );
}
