import { expect, test } from 'vitest';
import { PRODUCT_NAMES, readProductName } from '../../../collector/compliance/antivirus-products.ts';

/** Names as products give them to Security Center, and as the agent calls what it finds by its services. */
test.for([
  ['Windows Defender', 'Microsoft', 'built-in'],
  ['Microsoft Defender Antivirus', 'Microsoft', 'built-in'],
  ['Microsoft Security Essentials', 'Microsoft', 'built-in'],
  ['Microsoft Defender for Endpoint', 'Microsoft', 'paid'],
  ['Microsoft Defender for Business', 'Microsoft', 'paid'],
  ['Kaspersky Free', 'Kaspersky', 'free'],
  ['Kaspersky Anti-Virus Free', 'Kaspersky', 'free'],
  ['Kaspersky', 'Kaspersky', 'unknown'],
  ['Phần mềm diệt vi-rút Kaspersky', 'Kaspersky', 'unknown'],
  ['Kaspersky Standard', 'Kaspersky', 'paid'],
  ['Kaspersky Small Office Security', 'Kaspersky', 'paid'],
  ['Kaspersky Endpoint Security for Windows', 'Kaspersky', 'paid'],
  ['ESET NOD32 Antivirus', 'ESET', 'paid'],
  ['ESET Security', 'ESET', 'paid'],
  ['Bkav Pro Internet Security AI', 'Bkav', 'paid'],
  ['BkavHome', 'Bkav', 'free'],
  ['Bkav', 'Bkav', 'unknown'],
  ['CMC Malware Detection and Defence', 'CMC', 'paid'],
  ['CMC Internet Security Free', 'CMC', 'free'],
  ['CMC Internet Security', 'CMC', 'unknown'],
  ['Symantec Endpoint Protection', 'Symantec', 'paid'],
  ['Norton 360', 'Norton', 'paid'],
  ['Trend Micro Worry-Free Business Security Agent', 'Trend Micro', 'paid'],
  ['Trend Micro Apex One Antivirus', 'Trend Micro', 'paid'],
  ['Avast Antivirus', 'Avast', 'unknown'],
  ['Avast Free Antivirus', 'Avast', 'free'],
  ['Avast Premium Security', 'Avast', 'paid'],
  ['AVG AntiVirus Free', 'AVG', 'free'],
  ['AVG Antivirus', 'AVG', 'unknown'],
  ['Avira Antivirus Pro', 'Avira', 'paid'],
  ['McAfee VirusScan', 'McAfee', 'paid'],
  ['Trellix Endpoint Security', 'Trellix', 'paid'],
  ['Sophos Home', 'Sophos', 'free'],
  ['Sophos Intercept X', 'Sophos', 'paid'],
  ['Bitdefender Antivirus Free', 'Bitdefender', 'free'],
  ['Bitdefender Antivirus', 'Bitdefender', 'unknown'],
  ['Bitdefender Endpoint Security Tools Antimalware', 'Bitdefender', 'paid'],
  ['Malwarebytes', 'Malwarebytes', 'unknown'],
  ['Panda Dome', 'Panda', 'unknown'],
  ['Panda Free Antivirus', 'Panda', 'free'],
  ['360 Total Security', '360', 'free'],
  ['COMODO Antivirus', 'Comodo', 'unknown'],
  ['Comodo Internet Security Premium', 'Comodo', 'free'],
  ['F-Secure SAFE', 'F-Secure', 'paid'],
  ['ClamAV', 'ClamAV', 'free'],
  ['XProtect', 'Apple', 'built-in'],
  ['Diệt Virus Việt', null, 'unknown'],
  ['Some Free Antivirus', null, 'free'],
  ['', null, 'unknown'],
] as const)('%s', ([name, maker, cost]) => {
  expect(readProductName(name)).toMatchObject({ maker, cost });
});

test('a name that is offered to choose is read as itself', () => {
  for (const name of PRODUCT_NAMES) expect(readProductName(name).product).toBe(name);
});
