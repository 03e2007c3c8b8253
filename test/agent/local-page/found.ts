import type { Found } from '../../../shared/wire/discovery.ts';

/** A device that was found. */
export const found = (change: Partial<Found> = {}): Found => ({
  address: '10.0.0.5',
  mac: null,
  vendor: null,
  names: {},
  snmp: null,
  printer: null,
  onvif: null,
  ports: [],
  kind: 'pc',
  kindBy: 'ports',
  via: 'sweep',
  proposedId: 'pc-1',
  ...change,
});
