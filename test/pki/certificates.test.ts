import { execFileSync } from 'node:child_process';
import { createPublicKey, X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { isIssuedBy, issueCertificate, readCertificate } from '../../engine/pki/certificate.ts';
import type { Extensions } from '../../engine/pki/extensions.ts';
import { describeKey, generateKey, type KeySpec, keyPem, readKey, samePublicKey } from '../../engine/pki/keys.ts';
import { createRequest, readRequest } from '../../engine/pki/request.ts';

const folder = mkdtempSync(join(tmpdir(), 'troupe-pki-'));
const put = (name: string, text: string) => {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  return path;
};
const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });
const day = 86_400_000;
const now = new Date(Math.floor(Date.now() / 1000) * 1000);
const inDays = (days: number) => new Date(now.getTime() + days * day);

const authority: Extensions = {
  basicConstraints: { ca: true, pathLength: 0 },
  basicConstraintsCritical: true,
  keyUsage: ['keyCertSign', 'cRLSign'],
  keyUsageCritical: true,
};
const name = (value: string) => [{ type: 'CN', value }];

function makeAuthority(type: KeySpec['type'], days = 3650) {
  const key = generateKey({ type, size: 2048 });
  const subject = [
    { type: 'C', value: 'GB' },
    { type: 'O', value: 'Übung & Söhne' },
    { type: 'CN', value: 'etcd CA' },
  ];
  const pem = issueCertificate(
    { subject, publicKey: createPublicKey(key), extensions: authority, notBefore: now, notAfter: inDays(days) },
    { key },
  );
  return { key, pem };
}

describe('pki', () => {
  after(() => rmSync(folder, { recursive: true }));

  for (const type of ['ECC', 'RSA', 'Ed25519'] as const) {
    it(`issues with ${type} keys what OpenSSL verifies strictly, for each purpose`, () => {
      const ca = makeAuthority(type);
      const caFile = put(`ca-${type}.pem`, ca.pem);
      for (const [purpose, usage] of [
        ['sslserver', 'serverAuth'],
        ['sslclient', 'clientAuth'],
      ] as const) {
        const key = generateKey({ type, size: 2048 });
        const extensions: Extensions = {
          keyUsage: type === 'RSA' ? ['digitalSignature', 'keyEncipherment'] : ['digitalSignature'],
          keyUsageCritical: true,
          extendedKeyUsage: [usage],
          basicConstraints: { ca: false },
          subjectAltName: ['DNS:*.example.test', 'DNS:localhost', 'IP:10.0.0.1', 'IP:::1', 'IP:2001:db8::5:0:0:1'],
        };
        const pem = issueCertificate(
          {
            subject: name('a'),
            publicKey: createPublicKey(key),
            extensions,
            notBefore: now,
            notAfter: inDays(365),
          },
          { certificate: ca.pem, key: ca.key },
        );
        const file = put('leaf.pem', pem);
        expect(openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', caFile, file)).to.contain('OK');
        const other = purpose === 'sslserver' ? 'sslclient' : 'sslserver';
        expect(() => openssl('verify', '-x509_strict', '-purpose', other, '-CAfile', caFile, file)).to.throw();
        const text = openssl('x509', '-in', file, '-noout', '-text');
        expect(text).to.match(
          /DNS:\*\.example\.test, DNS:localhost, IP Address:10\.0\.0\.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:5:0:0:1/,
        );
        expect(text).to.match(/X509v3 Key Usage: critical/);
        expect(isIssuedBy(readCertificate(pem), readCertificate(ca.pem))).to.equal(true);
        expect(isIssuedBy(readCertificate(pem), readCertificate(makeAuthority(type).pem))).to.equal(false);
      }
      const text = openssl('x509', '-in', caFile, '-noout', '-text', '-nameopt', 'utf8,sep_comma_plus');
      expect(text).to.match(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/);
      expect(text).to.match(/Key Usage: critical\s+Certificate Sign, CRL Sign\n/);
      expect(text).to.contain('O=Übung & Söhne');
    });
  }

  it('reads back the extensions that OpenSSL wrote', () => {
    const key = put('key.pem', keyPem(generateKey({ type: 'ECC' })));
    const file = join(folder, 'theirs.pem');
    openssl(
      ...['req', '-x509', '-new', '-key', key, '-days', '10', '-subj', '/C=DE/O=x/CN=y', '-out', file],
      ...[
        '-addext',
        'keyUsage=critical,digitalSignature,decipherOnly',
        '-addext',
        'extendedKeyUsage=clientAuth,1.2.3.4',
      ],
      ...['-addext', 'subjectAltName=IP:::ffff:1.2.3.4,IP:fe80::1:0:0:2,email:a@b.c,URI:http://x/y'],
      ...['-addext', 'basicConstraints=critical,CA:TRUE,pathlen:3'],
    );
    const read = readCertificate(openssl('x509', '-in', file));
    expect(read.extensions.keyUsage).to.deep.equal(['digitalSignature', 'decipherOnly']);
    expect(read.extensions.keyUsageCritical).to.equal(true);
    expect(read.extensions.extendedKeyUsage).to.deep.equal(['clientAuth', '1.2.3.4']);
    expect(read.extensions.subjectAltName).to.deep.equal([
      'IP:::ffff:102:304',
      'IP:fe80::1:0:0:2',
      'email:a@b.c',
      'URI:http://x/y',
    ]);
    expect(read.extensions.basicConstraints).to.deep.equal({ ca: true, pathLength: 3 });
    expect(read.subject.map((part) => `${part.type}=${part.value}`)).to.deep.equal([
      'countryName=DE',
      'organizationName=x',
      'commonName=y',
    ]);
  });

  it('numbers certificates at random, 16 bytes long', () => {
    const serials = new Set(
      Array.from({ length: 20 }, () => new X509Certificate(makeAuthority('Ed25519').pem).serialNumber),
    );
    expect(serials.size).to.equal(20);
    for (const serial of serials) expect(serial).to.match(/^[4-7][0-9A-F]{31}$/);
  });

  it('makes requests that OpenSSL verifies, and reads requests of both', () => {
    for (const type of ['ECC', 'RSA', 'Ed25519'] as const) {
      const key = generateKey({ type, size: 2048 });
      const extensions: Extensions = { subjectAltName: ['DNS:a.test'], extendedKeyUsage: ['serverAuth', 'clientAuth'] };
      const pem = createRequest({ subject: name('a.test'), extensions }, key);
      const file = put('request.pem', pem);
      expect(
        execFileSync('sh', ['-c', `openssl req -in ${file} -noout -verify 2>&1`], { encoding: 'utf8' }),
      ).to.contain('OK');
      const ours = readRequest(pem);
      expect(ours.signatureValid).to.equal(true);
      expect(samePublicKey(ours.publicKey, key)).to.equal(true);
      expect(ours.extensions).to.deep.include({
        subjectAltName: ['DNS:a.test'],
        extendedKeyUsage: ['serverAuth', 'clientAuth'],
      });
      const keyFile = put('theirs-key.pem', keyPem(key));
      const theirs = readRequest(
        openssl('req', '-new', '-key', keyFile, '-subj', '/CN=b.test', '-addext', 'subjectAltName=IP:1.2.3.4'),
      );
      expect(theirs.signatureValid).to.equal(true);
      expect(theirs.subject).to.deep.equal([{ type: 'commonName', value: 'b.test' }]);
      expect(theirs.extensions.subjectAltName).to.deep.equal(['IP:1.2.3.4']);
    }
  });

  it('sees that a request was changed after it was signed', () => {
    const pem = createRequest({ subject: name('aaaa'), extensions: {} }, generateKey({ type: 'ECC' }));
    const bytes = Buffer.from(pem.replace(/-----.*-----/g, ''), 'base64');
    bytes[bytes.indexOf('aaaa')] = 'b'.charCodeAt(0);
    const forged = `-----BEGIN CERTIFICATE REQUEST-----\n${bytes.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    expect(readRequest(forged).subject[0]!.value).to.equal('baaa');
    expect(readRequest(forged).signatureValid).to.equal(false);
  });

  it('encrypts a key as OpenSSL can open it, and not without the passphrase', () => {
    const key = generateKey({ type: 'ECC', curve: 'secp384r1' });
    const pem = keyPem(key, 'pass "phrase"');
    expect(pem).to.match(/^-----BEGIN ENCRYPTED PRIVATE KEY-----/);
    const file = put('locked.pem', pem);
    const opened = execFileSync('openssl', ['pkey', '-in', file, '-passin', 'stdin'], {
      input: 'pass "phrase"\n',
      encoding: 'utf8',
    });
    expect(samePublicKey(readKey(opened), key)).to.equal(true);
    expect(describeKey(readKey(pem, 'pass "phrase"'))).to.deep.equal({ type: 'ECC', size: 384, curve: 'secp384r1' });
    expect(() => readKey(pem)).to.throw(RangeError, 'encrypted');
    expect(() => readKey(pem, 'wrong')).to.throw(RangeError, 'passphrase');
  });

  it('refuses to sign with a key that is not the CA’s, or with a certificate that is not a CA', () => {
    const ca = makeAuthority('ECC');
    const leaf = generateKey({ type: 'ECC' });
    const spec = {
      subject: name('x'),
      publicKey: createPublicKey(leaf),
      extensions: {},
      notBefore: now,
      notAfter: inDays(1),
    };
    expect(() => issueCertificate(spec, { certificate: ca.pem, key: leaf })).to.throw(RangeError, 'does not belong');
    const leafPem = issueCertificate(spec, { certificate: ca.pem, key: ca.key });
    expect(() => issueCertificate(spec, { certificate: leafPem, key: leaf })).to.throw(RangeError, 'not one');
    expect(() => issueCertificate({ ...spec, notAfter: inDays(-1) }, { key: leaf })).to.throw(RangeError, 'end before');
  });

  it('writes dates beyond 2049 as OpenSSL reads them', () => {
    const file = put('long.pem', makeAuthority('ECC', 36_500).pem);
    const end = /notAfter=(.*)/.exec(openssl('x509', '-in', file, '-noout', '-enddate'))?.[1];
    expect(new Date(end!).getTime()).to.equal(inDays(36_500).getTime());
  });

  it('refuses what is no DER instead of guessing', () => {
    const wrap = (hex: string) =>
      `-----BEGIN CERTIFICATE REQUEST-----\n${Buffer.from(hex, 'hex').toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`;
    for (const hex of ['3005', '3080', '30830fffff', '1f', '']) expect(() => readRequest(wrap(hex))).to.throw();
    expect(() => readCertificate('nothing here')).to.throw(RangeError);
  });
});
