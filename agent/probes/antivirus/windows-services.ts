import { isRecord, listOf } from '../../powershell.ts';
import type { Product } from './products.ts';

/**
 * Products by the services that are their protection, for Windows Server, where nothing registers with Security Center.
 * Names as the makers' documents and support pages write them (Kaspersky "AVP" with a version, ESET "ekrn", Symantec
 * "SepMasterService", Trend Micro "ntrtscan", "ds_agent", Sophos "SAVService", McAfee "McShield", Trellix "mfetp" …);
 * Bkav and CMC document none: theirs wait for a real host to confirm them. What is missing is added as one line.
 */
const SERVICES: readonly { name: string; service: RegExp }[] = [
  { name: 'Kaspersky', service: /^(avp[\d.]*|avp\.kes\.[\d.]+|kavfs)$/i },
  { name: 'ESET', service: /^ekrn$/i },
  { name: 'Symantec', service: /^sepmasterservice$/i },
  { name: 'Norton', service: /^nortonsecurity$/i },
  { name: 'Trend Micro', service: /^(ntrtscan|ds_agent|amsp)$/i },
  { name: 'Sophos', service: /^(savservice|sophos endpoint defense service|sophos file scanner service)$/i },
  { name: 'McAfee', service: /^mcshield$/i },
  { name: 'Trellix', service: /^mfetp$/i },
  { name: 'Bitdefender', service: /^(vsserv|epsecurityservice)$/i },
  { name: 'Bkav', service: /^bkav(system)?service$/i },
  { name: 'CMC', service: /^cmc(core|av)(service)?$/i },
];

/** One product a maker, on where one of its services runs; undefined where the services could not be asked. */
export function serviceProducts(value: unknown): Product[] | undefined {
  const services = listOf(value)?.flatMap((one) =>
    isRecord(one) && typeof one.Name === 'string' && typeof one.State === 'string'
      ? [{ name: one.Name.trim(), state: one.State }]
      : [],
  );
  if (!services || services.length === 0) return undefined; // a Windows without services does not run
  return SERVICES.flatMap(({ name, service }) => {
    const own = services.filter((one) => service.test(one.name));
    if (own.length === 0) return [];
    // Win32_Service.State is not translated (Microsoft Learn, class Win32_Service).
    const on = own.some(({ state }) => state === 'Running');
    return [{ name, on, state: on ? 'on' : 'off', upToDate: null, definitionsAt: null } satisfies Product];
  });
}
