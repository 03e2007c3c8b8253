/** The pieces of node-onvif 0.1.7 that the probe uses; the package brings no types. */
declare module 'node-onvif/lib/modules/soap.js' {
  /** Shared by all services: whoever replaces `_request` carries every SOAP message of the package. */
  const soap: {
    _request(address: { path?: string; pathname?: string; href?: string }, envelope: string): Promise<string>;
    _createNonce(bytes: number): Buffer;
  };
  export default soap;
}

interface OnvifAnswer {
  /** SOAP body with namespaces taken off the names. */
  data: Record<string, unknown>;
}

declare module 'node-onvif/lib/modules/service-device.js' {
  export default class OnvifServiceDevice {
    constructor(params: { xaddr: string });
    /** Added to our clock in WS-UsernameToken `Created`, ms. */
    time_diff: number;
    setAuth(user: string, pass: string): void;
    getSystemDateAndTime(): Promise<OnvifAnswer>;
    getCapabilities(): Promise<OnvifAnswer>;
    getDeviceInformation(): Promise<OnvifAnswer>;
  }
}

declare module 'node-onvif/lib/modules/service-media.js' {
  export default class OnvifServiceMedia {
    constructor(params: { xaddr: string; time_diff: number });
    setAuth(user: string, pass: string): void;
    getProfiles(): Promise<OnvifAnswer>;
    getStreamUri(params: { ProfileToken: string; Protocol: 'UDP' | 'HTTP' | 'RTSP' }): Promise<OnvifAnswer>;
    getSnapshotUri(params: { ProfileToken: string }): Promise<OnvifAnswer>;
  }
}
