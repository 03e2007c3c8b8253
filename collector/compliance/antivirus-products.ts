/**
 * Antivirus products and what they cost, one a line, to be added to: the first line whose pattern fits a name counts, so
 * an edition stands before the product that it is of. Names as Windows Security Center and the agent's own lists give
 * them, in any spelling. `built-in`: free with the system, and the same program where the maker's paid service runs it.
 * `unknown`: free and paid editions bear this name; only the register of licences tells them apart.
 */

export type Cost = 'free' | 'built-in' | 'paid' | 'unknown';
type Line = readonly [maker: string, product: string, cost: Cost, name: RegExp];

const CATALOGUE: readonly Line[] = [
  ['Microsoft', 'Microsoft Defender for Endpoint', 'paid', /defender (atp|advanced|for (endpoint|business|servers?))/i],
  ['Microsoft', 'System Center Endpoint Protection', 'paid', /(system center|forefront).*endpoint|forefront client/i],
  ['Microsoft', 'Microsoft Security Essentials', 'built-in', /security essentials/i],
  ['Microsoft', 'Windows Defender', 'built-in', /(windows|microsoft) defender/i],
  ['Kaspersky', 'Kaspersky Free', 'free', /kaspersky.*\bfree\b/i],
  ['Kaspersky', 'Kaspersky Small Office Security', 'paid', /kaspersky small office/i],
  ['Kaspersky', 'Kaspersky Endpoint Security', 'paid', /kaspersky (endpoint|.*(server|business|next|edr))/i],
  ['Kaspersky', 'Kaspersky Standard, Plus, Premium', 'paid', /kaspersky (standard|plus|premium)/i],
  ['Kaspersky', 'Kaspersky Internet Security', 'paid', /kaspersky (internet|total) security|kaspersky anti-?virus/i],
  ['Kaspersky', 'Kaspersky', 'unknown', /kaspersky/i],
  ['ESET', 'ESET NOD32 Antivirus', 'paid', /nod32/i],
  ['ESET', 'ESET Internet Security', 'paid', /eset (internet|smart|home) security/i],
  ['ESET', 'ESET Endpoint', 'paid', /eset endpoint/i],
  ['ESET', 'ESET Server Security', 'paid', /eset (server|file|mail) security/i],
  ['ESET', 'ESET', 'paid', /\beset\b/i],
  ['Bkav', 'Bkav Home', 'free', /bkav ?(home|free)/i],
  ['Bkav', 'Bkav Pro', 'paid', /bkav ?(pro|internet security)/i],
  ['Bkav', 'Bkav Endpoint', 'paid', /bkav ?(endpoint|enterprise|server|edr)/i],
  ['Bkav', 'Bkav', 'unknown', /\bbkav/i],
  ['CMC', 'CMC Malware Detection and Defence', 'paid', /cmc.*(malware|cmdd|endpoint|server|enterprise)|\bcmdd\b/i],
  ['CMC', 'CMC Internet Security Free', 'free', /cmc.*\bfree\b/i],
  ['CMC', 'CMC Internet Security', 'unknown', /\bcmc\b/i],
  ['Viettel', 'Viettel Endpoint', 'paid', /viettel.*(endpoint|security)|ajiant/i],
  ['Symantec', 'Symantec Endpoint Protection', 'paid', /symantec/i],
  ['Norton', 'Norton AntiVirus Free', 'free', /norton.*\bfree\b/i],
  ['Norton', 'Norton 360', 'paid', /norton/i],
  ['Trend Micro', 'Trend Micro Worry-Free', 'paid', /worry-free/i],
  ['Trend Micro', 'Trend Micro Apex One', 'paid', /apex one|officescan|deep security/i],
  ['Trend Micro', 'Trend Micro', 'paid', /trend ?micro/i],
  ['Avast', 'Avast Free Antivirus', 'free', /avast.*(\bfree\b|essential)/i],
  [
    'Avast',
    'Avast Premium Security',
    'paid',
    /avast.*(premium|pro\b|internet security|ultimate|silver|gold|platinum)/i,
  ],
  ['Avast', 'Avast Business', 'paid', /avast.*(business|endpoint)/i],
  ['Avast', 'Avast Antivirus', 'unknown', /avast/i],
  ['AVG', 'AVG AntiVirus Free', 'free', /\bavg\b.*\bfree\b/i],
  ['AVG', 'AVG Internet Security', 'paid', /\bavg\b.*(internet security|ultimate|business|pro\b|premium)/i],
  ['AVG', 'AVG Antivirus', 'unknown', /\bavg\b/i],
  ['Avira', 'Avira Free', 'free', /avira.*\bfree\b/i],
  ['Avira', 'Avira Pro', 'paid', /avira.*(pro\b|prime|internet security|professional|server)/i],
  ['Avira', 'Avira Antivirus', 'unknown', /avira/i],
  ['McAfee', 'McAfee', 'paid', /mcafee/i],
  ['Trellix', 'Trellix Endpoint Security', 'paid', /trellix/i],
  ['Sophos', 'Sophos Home Premium', 'paid', /sophos home premium/i],
  ['Sophos', 'Sophos Home', 'free', /sophos home/i],
  ['Sophos', 'Sophos Endpoint', 'paid', /sophos/i],
  ['Bitdefender', 'Bitdefender Antivirus Free', 'free', /bitdefender.*\bfree\b/i],
  [
    'Bitdefender',
    'Bitdefender GravityZone',
    'paid',
    /bitdefender (endpoint|gravityzone|business|small office)|gravityzone/i,
  ],
  [
    'Bitdefender',
    'Bitdefender Total Security',
    'paid',
    /bitdefender.*(total|internet) security|bitdefender.*(plus|premium)/i,
  ],
  ['Bitdefender', 'Bitdefender Antivirus', 'unknown', /bitdefender/i],
  ['Malwarebytes', 'Malwarebytes Premium', 'paid', /malwarebytes.*(premium|endpoint|business|teams)/i],
  ['Malwarebytes', 'Malwarebytes', 'unknown', /malwarebytes/i],
  ['Panda', 'Panda Dome Free', 'free', /panda.*\bfree\b/i],
  [
    'Panda',
    'Panda Dome Essential',
    'paid',
    /panda.*(essential|advanced|complete|premium|endpoint|adaptive|internet security|pro\b)/i,
  ],
  ['Panda', 'Panda Dome', 'unknown', /\bpanda\b/i],
  ['360', '360 Total Security Premium', 'paid', /360 total security.*(premium|business)/i],
  ['360', '360 Total Security', 'free', /360 (total security|safe|安全)|qihoo/i],
  // "Premium" is the free edition of Comodo's suite.
  ['Comodo', 'Comodo Internet Security Pro', 'paid', /comodo.*(\bpro\b|complete|client|endpoint|advanced)|xcitium/i],
  ['Comodo', 'Comodo Internet Security Premium', 'free', /comodo.*(\bfree\b|premium)/i],
  ['Comodo', 'Comodo Antivirus', 'unknown', /comodo/i],
  ['F-Secure', 'F-Secure, WithSecure', 'paid', /f-secure|withsecure/i],
  ['Dr.Web', 'Dr.Web', 'paid', /dr\.? ?web/i],
  ['G DATA', 'G DATA', 'paid', /\bg ?data\b/i],
  ['K7', 'K7', 'paid', /\bk7/i],
  ['Quick Heal', 'Quick Heal, Seqrite', 'paid', /quick ?heal|seqrite/i],
  ['Webroot', 'Webroot', 'paid', /webroot/i],
  ['CrowdStrike', 'CrowdStrike Falcon', 'paid', /crowdstrike/i],
  ['SentinelOne', 'SentinelOne', 'paid', /sentinel ?one|sentinel agent/i],
  ['Palo Alto', 'Cortex XDR', 'paid', /cortex xdr/i],
  ['Cylance', 'Cylance', 'paid', /cylance/i],
  ['Check Point', 'Check Point Endpoint Security', 'paid', /check point/i],
  ['Smadav', 'Smadav Pro', 'paid', /smadav pro/i],
  ['Smadav', 'Smadav', 'unknown', /smadav/i],
  ['Cisco', 'Immunet', 'free', /immunet/i],
  ['ClamAV', 'ClamAV', 'free', /clam ?(av|win|xav)/i],
  ['Apple', 'XProtect', 'built-in', /xprotect/i],
];

/** What is read out of a product's name. */
export interface ProductRead {
  /** Null: a name that no line fits. */
  maker: string | null;
  product: string;
  cost: Cost;
}

export function readProductName(name: string): ProductRead {
  const line = CATALOGUE.find((entry) => entry[3].test(name));
  if (line) return { maker: line[0], product: line[1], cost: line[2] };
  // A name that calls itself free is believed: nobody sells under it.
  return { maker: null, product: name, cost: /\bfree\b|miễn phí/i.test(name) ? 'free' : 'unknown' };
}

/** Names to choose from where a licence is entered. */
export const PRODUCT_NAMES: readonly string[] = CATALOGUE.filter(([, , cost]) => cost !== 'free').map(
  ([, product]) => product,
);
