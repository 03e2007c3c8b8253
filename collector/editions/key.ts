import { plain } from '../../shared/vietnamese.ts';

/** What stands for an edition in addresses: id and date in lower-case letters, digits and hyphens; at most 110 of them. */
export const keyOf = (edition: { id: string; date: string }): string =>
  `${slug(edition.id).slice(0, 64) || 'bo-tieu-chi'}-${slug(edition.date).slice(0, 32)}`;

const slug = (text: string): string =>
  plain(text)
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
