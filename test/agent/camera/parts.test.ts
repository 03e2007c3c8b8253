import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, it } from 'vitest';
import { camera } from '../../../agent/probes/camera/camera.ts';
import { authorization, challenges, UserNameError } from '../../../agent/probes/camera/http-auth.ts';
import { clockOf } from '../../../agent/probes/camera/onvif.ts';
import { pin, strangerIn, withoutCredentials } from '../../../agent/probes/camera/pin.ts';

const home = { host: '10.0.0.7', port: 8080 };

describe('addresses that a camera names', () => {
  it('always end at the configured host, without a user', () => {
    fc.assert(
      fc.property(fc.webUrl({ validSchemes: ['http'], withQueryParameters: true }), (url) => {
        const pinned = pin(url, home, ['http:'], 80);
        expect(pinned.hostname).toBe('10.0.0.7');
        expect(pinned.username + pinned.password).toBe('');
        expect(pinned.pathname + pinned.search).toBe(new URL(url).pathname + new URL(url).search);
      }),
    );
  });

  it('keep a port of their own, and exchange that of the services for the one that answered', () => {
    expect(pin('http://192.168.1.64:80/onvif/media', home, ['http:'], 80).href).toBe(
      'http://10.0.0.7:8080/onvif/media',
    );
    expect(pin('http://192.168.1.64:8000/snap', home, ['http:'], 80).href).toBe('http://10.0.0.7:8000/snap');
    expect(pin('http://10.0.0.7/snap', home, ['http:'], 80).href).toBe('http://10.0.0.7/snap');
    expect(pin('rtsp://192.168.1.64:554/live', home, ['rtsp:']).href).toBe('rtsp://10.0.0.7:554/live');
    expect(pin('http://1.2.3.4/x', { host: 'fe80::1', port: 80 }, ['http:'], 80).hostname).toBe('[fe80::1]');
  });

  it('know their own host however it is written', () => {
    expect(strangerIn('http://[fe80::1]/x', { host: 'FE80:0::0001', port: 80 })).toBeUndefined();
    expect(strangerIn('http://CAM.truong.lan/x', { host: 'cam.Truong.lan', port: 80 })).toBeUndefined();
  });

  it('are refused when they are of another kind or none', () => {
    for (const bad of ['file:///etc/passwd', 'https://10.0.0.7/', 'nothing', '', '//10.0.0.7/x']) {
      expect(() => pin(bad, home, ['http:'])).toThrow(TypeError);
    }
    expect(strangerIn('http://10.0.0.7/x', home)).toBeUndefined();
    expect(strangerIn('http://10.0.0.8/x', home)).toBe('10.0.0.8');
  });

  it('lose credentials wherever cameras write them', () => {
    const uri = new URL('rtsp://admin:s3cret@10.0.0.7/user=admin&password=s3cret&channel=1?pwd=s3cret&stream=0');
    expect(withoutCredentials(uri)).toBe('rtsp://10.0.0.7/user=&password=&channel=1?pwd=&stream=0');
  });
});

describe('HTTP authentication', () => {
  // RFC 7616, 3.9.1, both algorithms offered.
  const realm = 'realm="http-auth@example.org", qop="auth, auth-int"';
  const nonce = 'nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"';
  const opaque = 'opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"';
  const digest = (algorithm: string) => `Digest ${realm}, algorithm=${algorithm}, ${nonce}, ${opaque}`;
  const mufasa = { username: 'Mufasa', password: 'Circle of Life' };
  const cnonce = 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ';
  const answer = (header: string) => authorization(header, mufasa, 'GET', '/dir/index.html', cnonce);

  it('answers the example of RFC 7616 as it does', () => {
    expect(answer(digest('MD5'))).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
    expect(answer(digest('SHA-256'))).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    );
  });

  it('takes the strongest of several, and Basic only when nothing else is offered', () => {
    expect(answer(`Basic realm="x", ${digest('MD5')}, ${digest('SHA-256')}`)).toContain('algorithm=SHA-256');
    expect(answer('Basic realm="x"')).toBe(`Basic ${Buffer.from('Mufasa:Circle of Life').toString('base64')}`);
    expect(answer('Negotiate')).toBeUndefined();
    expect(answer(digest('SHA-512-256'))).toBeUndefined();
  });

  describe('with a user name in Vietnamese', () => {
    const user = { username: 'quản trị', password: 'mật khẩu' };
    const of = (header: string, username = user.username) =>
      authorization(header, { ...user, username }, 'GET', '/dir/index.html', cnonce);
    const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
    const expected = sha256(
      `${sha256('quản trị:http-auth@example.org:mật khẩu'.normalize('NFC'))}:7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v` +
        `:00000001:${cnonce}:auth:${sha256('GET:/dir/index.html')}`,
    );

    it.each(['NFC', 'NFD'])('says it as RFC 7616 does where the camera takes UTF-8, spelt in %s', (form) => {
      const header = of(`${digest('SHA-256')}, charset=UTF-8`, user.username.normalize(form)) ?? '';
      expect(header).toContain("username*=UTF-8''qu%E1%BA%A3n%20tr%E1%BB%8B, realm=");
      expect(header).not.toMatch(/username=|[^\x20-\x7e]/);
      expect(header).toContain(`response="${expected}"`);
    });

    it('is refused in words where the camera takes none, and not shown by a Basic beside it', () => {
      for (const header of [digest('MD5'), `${digest('SHA-256')}, Basic realm="x"`])
        expect(() => of(header)).toThrow(UserNameError);
      expect(of(`${digest('SHA-256')}, ${digest('MD5')}, charset="utf-8"`)).toContain('algorithm=MD5');
      expect(of('Basic realm="x"')).toBe(`Basic ${Buffer.from('quản trị:mật khẩu').toString('base64')}`);
    });
  });

  it('reads any header without failing', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(challenges(`Digest ${text}`)).toBeInstanceOf(Array);
      }),
    );
  });
});

describe('the camera clock', () => {
  const answer = (year: string, month: string, day: string) => ({
    GetSystemDateAndTimeResponse: {
      SystemDateAndTime: {
        UTCDateTime: {
          Time: { Hour: '1', Minute: '2', Second: '3' },
          Date: { Year: year, Month: month, Day: day },
        },
      },
    },
  });

  it('is read right on days that other months lack', () => {
    expect(clockOf(answer('2024', '2', '29'))).toBe(Date.UTC(2024, 1, 29, 1, 2, 3));
    expect(clockOf(answer('1970', '1', '1'))).toBe(3_723_000);
  });

  it('is unknown when it is no date', () => {
    for (const year of ['', 'x', '-5', '99999999']) expect(clockOf(answer(year, '1', '1'))).toBeUndefined();
    expect(clockOf({})).toBeUndefined();
  });
});

describe('the configuration', () => {
  const schema = Compile(camera.schema);
  const check = (target: object) => schema.Check({ targets: [{ id: 'cam', ...target }] });

  it('takes hosts and addresses, and nothing that could be an option or a list', () => {
    for (const address of ['10.0.0.7', 'cam-1.truong.lan', 'fe80::1']) expect(check({ address })).toBe(true);
    for (const address of ['-x', 'a b', '', 'a/b', 'a@b', 'http://x', 'a\nb']) expect(check({ address })).toBe(false);
    expect(check({ address: '10.0.0.7', pasword: 'x' })).toBe(false);
    expect(check({ address: '10.0.0.7', port: 0 })).toBe(false);
  });
});
