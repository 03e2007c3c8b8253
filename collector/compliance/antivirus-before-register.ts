/**
 * What a product's name told of its cost before there was a register of licences: sheets that were locked then are
 * recomputed by it for ever. Never changed; `antivirus-products.ts` is what counts since.
 */

/** Free editions, and what comes with the system. */
const FREE = [
  /\bfree\b/i,
  /(windows|microsoft) defender(?! for endpoint)/i,
  /security essentials/i,
  /clamav|clamwin/i,
  /xprotect/i,
  /bkav home/i,
  /sophos home/i,
  /360 total security/i,
];
/** Sold only: the maker has no free edition of that name. */
const PAID = [
  /kaspersky/i,
  /\beset\b/i,
  /bkav (pro|endpoint|enterprise)/i,
  /\bcmc (endpoint|internet security|server)/i,
  /defender for endpoint/i,
  /symantec|norton/i,
  /trend micro|apex one|officescan/i,
  /mcafee|trellix/i,
  /\bsophos\b/i,
  /bitdefender/i,
  /crowdstrike|sentinelone|cortex xdr|cylance/i,
  /dr\.?web/i,
  /f-secure|withsecure/i,
  /webroot/i,
  /(avast|avg|avira|panda|comodo|malwarebytes) .*(business|premium|pro\b|ultimate|endpoint|internet security|ultimate)/i,
];

export function costBeforeRegister(product: string): 'free' | 'paid' | 'unknown' {
  if (FREE.some((pattern) => pattern.test(product))) return 'free';
  return PAID.some((pattern) => pattern.test(product)) ? 'paid' : 'unknown';
}
