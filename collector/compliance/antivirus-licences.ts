/**
 * Whether a product's name tells what it costs. Names as Windows Security Center and the agent's own lists give them.
 * What is not listed is unknown: a licence that nobody recorded is missing data, neither a fault nor a pass. The register
 * of licences (an asset's `licence`) decides over this list.
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

export function licenceOf(product: string): 'free' | 'paid' | 'unknown' {
  if (FREE.some((pattern) => pattern.test(product))) return 'free';
  return PAID.some((pattern) => pattern.test(product)) ? 'paid' : 'unknown';
}
