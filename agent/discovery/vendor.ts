import { createRequire } from 'node:module';

/** Its exports are bundled so that an import finds them in one loader and not in another. */
const { getVendor }: typeof import('mac-oui-lookup') = createRequire(import.meta.url)('mac-oui-lookup');

/** Bit 0x02 of the first octet: administered locally, not assigned (IEEE 802, 8.4). Phones draw theirs at random. */
const LOCAL = 0x02;

/** Who an Ethernet address is assigned to in the IEEE's lists, in their spelling; null when it was made up. */
export function vendorOf(mac: string | null): string | null {
  if (mac === null || (Number.parseInt(mac.slice(0, 2), 16) & LOCAL) !== 0) return null;
  const vendor = getVendor(mac);
  // The IEEE's own name stands where a longer list has the owner, who is then not listed.
  return vendor === null || /^(IEEE Registration Authority|Private)$/.test(vendor) ? null : vendor.slice(0, 255);
}
