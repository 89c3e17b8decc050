import { execFileSync } from 'node:child_process';
import { readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { parseTime } from '../../../engine/modules/pki/pki-time.ts';
import { closePools, runModule, testFolder } from '../harness.ts';

const folder = testFolder();
const at = (name: string) => join(folder, name);
const openssl = (...args: string[]) => execFileSync('openssl', args, { encoding: 'utf8', stdio: 'pipe' });

async function twice(module: string, args: Record<string, unknown>) {
  const first = await runModule(module, args);
  expect(first.values.msg, String(first.values.msg)).to.equal(undefined);
  const second = await runModule(module, args);
  expect([first.values.changed, second.values.changed], module).to.deep.equal([true, false]);
  return second;
}

describe('modules of pki', function () {
  this.timeout(20000);
  after(closePools);

  const caKey = { path: at('ca-key.pem'), type: 'ECC', curve: 'secp256r1', passphrase: 'top secret' };
  const caRequest = {
    path: at('ca.csr'),
    privatekey_path: at('ca-key.pem'),
    privatekey_passphrase: 'top secret',
    common_name: 'eu-west-2.compute.internal',
    use_common_name_for_san: false,
    basic_constraints: ['CA:TRUE', 'pathlen:0'],
    basic_constraints_critical: true,
    key_usage: ['keyCertSign', 'cRLSign'],
    key_usage_critical: true,
  };
  const ca = {
    path: at('ca.pem'),
    provider: 'selfsigned',
    csr_path: at('ca.csr'),
    privatekey_path: at('ca-key.pem'),
    privatekey_passphrase: 'top secret',
    selfsigned_not_after: '+3650d',
  };
  const request = {
    path: at('server.csr'),
    privatekey_path: at('server-key.pem'),
    common_name: '*.eu-west-2.compute.internal',
    subject_alt_name: ['DNS:*.eu-west-2.compute.internal', 'IP:10.0.0.1', 'IP:0:0:0:0:0:0:0:1'],
    key_usage: ['Digital Signature'],
    key_usage_critical: true,
    extended_key_usage: ['serverAuth', 'TLS Web Client Authentication'],
  };
  const server = {
    path: at('server.pem'),
    provider: 'ownca',
    csr_path: at('server.csr'),
    ownca_path: at('ca.pem'),
    ownca_privatekey_path: at('ca-key.pem'),
    ownca_privatekey_passphrase: 'top secret',
    ownca_not_after: '+365d',
    renew_before: '30d',
  };

  it('makes a CA and a certificate that OpenSSL verifies strictly; the second time nothing changes', async () => {
    const key = await twice('openssl_privatekey', caKey);
    expect(key.values).to.deep.include({ type: 'ECC', size: 256, curve: 'secp256r1', mode: '0600' });
    expect(key.requests).to.equal(1);
    expect(statSync(at('ca-key.pem')).mode & 0o777).to.equal(0o600);
    expect(readFileSync(at('ca-key.pem'), 'utf8')).to.contain('ENCRYPTED');
    await twice('openssl_csr', caRequest);
    await twice('x509_certificate', ca);
    await twice('openssl_privatekey', { path: at('server-key.pem'), type: 'RSA', size: 2048 });
    await twice('openssl_csr', request);
    await twice('x509_certificate', server);
    for (const purpose of ['sslserver', 'sslclient'])
      openssl('verify', '-x509_strict', '-purpose', purpose, '-CAfile', at('ca.pem'), at('server.pem'));
    const info = await runModule('x509_certificate_info', { path: at('server.pem') });
    expect(info.values).to.deep.include({
      expired: false,
      days_left: 364,
      subject: { commonName: '*.eu-west-2.compute.internal' },
      issuer: { commonName: 'eu-west-2.compute.internal' },
      subject_alt_name: ['DNS:*.eu-west-2.compute.internal', 'IP:10.0.0.1', 'IP:::1'],
      key_usage: ['digitalSignature'],
      extended_key_usage: ['serverAuth', 'clientAuth'],
    });
    const serial = /serial=(\w+)/.exec(openssl('x509', '-in', at('server.pem'), '-noout', '-serial'))![1];
    expect(info.values.serial_number).to.equal(BigInt(`0x${serial}`).toString());
  });

  it('makes a certificate anew for other names, another CA, another key, or too little time left', async () => {
    const more = { ...request, path: at('more.csr'), subject_alt_name: ['IP:10.0.0.2'] };
    await runModule('openssl_csr', more);
    const again = async (args: object) =>
      (await runModule('x509_certificate', { ...server, ...args, path: at('x.pem') })).values;
    expect((await again({})).reason).to.equal('there is none');
    expect((await again({ csr_path: at('more.csr') })).reason).to.equal('its names or usages are others');
    expect(await again({ csr_path: at('more.csr') })).to.include({ changed: false });
    expect((await again({ csr_path: at('more.csr'), renew_before: '366d' })).reason).to.equal('it ends in 364 days');
    await runModule('openssl_privatekey', { path: at('other-key.pem'), type: 'Ed25519' });
    const otherCa = {
      ...ca,
      path: at('other-ca.pem'),
      csr_path: at('other.csr'),
      privatekey_path: at('other-key.pem'),
    };
    await runModule('openssl_csr', { ...caRequest, path: at('other.csr'), privatekey_path: at('other-key.pem') });
    await runModule('x509_certificate', otherCa);
    const byOther = {
      ownca_path: at('other-ca.pem'),
      ownca_privatekey_path: at('other-key.pem'),
      csr_path: at('more.csr'),
    };
    expect((await again(byOther)).reason).to.equal('it was issued by another CA');
  });

  it('changes nothing in check mode, and says what it would', async () => {
    for (const [module, args] of [
      ['openssl_privatekey', { path: at('none-key.pem'), type: 'ECC' }],
      ['openssl_csr', { ...request, path: at('none.csr') }],
      ['x509_certificate', { ...server, path: at('none.pem') }],
    ] as const) {
      expect((await runModule(module, args, { check: true })).values.changed, module).to.equal(true);
      expect(() => statSync(args.path)).to.throw();
    }
  });

  it('does not overwrite a key that it may not', async () => {
    writeFileSync(at('kept.pem'), readFileSync(at('server-key.pem')), { mode: 0o600 });
    utimesSync(at('kept.pem'), 1, 1);
    const args = { path: at('kept.pem'), type: 'ECC', regenerate: 'fail' };
    expect((await runModule('openssl_privatekey', args)).values.msg).to.contain('it is RSA, not ECC');
    expect((await runModule('openssl_privatekey', { ...args, regenerate: 'never' })).values.changed).to.equal(false);
    expect(statSync(at('kept.pem')).mtimeMs).to.equal(1000);
    const wrong = await runModule('openssl_privatekey', { ...caKey, passphrase: 'wrong', regenerate: 'fail' });
    expect(wrong.values.msg).to.contain('passphrase');
    expect(
      (await runModule('openssl_privatekey', { ...args, regenerate: 'full_idempotence' })).values.changed,
    ).to.equal(true);
  });

  it('returns texts from the pipe modules, and the given one where it fits', async () => {
    const { path: _, ...rest } = request;
    const csr = await runModule('openssl_csr_pipe', rest);
    expect(csr.values.changed).to.equal(true);
    expect((await runModule('openssl_csr_pipe', { ...rest, content: csr.values.csr })).values).to.deep.include({
      changed: false,
      csr: csr.values.csr,
    });
    const { path: __, csr_path: ___, ...signing } = server;
    const made = await runModule('x509_certificate_pipe', { ...signing, csr_content: csr.values.csr });
    const kept = await runModule('x509_certificate_pipe', {
      ...signing,
      csr_content: csr.values.csr,
      content: made.values.certificate,
    });
    expect([made.values.changed, kept.values.changed]).to.deep.equal([true, false]);
    expect(kept.values.certificate).to.equal(made.values.certificate);
  });

  it('refuses what it cannot do right, in words', async () => {
    const msg = async (module: string, args: Record<string, unknown>) => (await runModule(module, args)).values.msg;
    expect(await msg('openssl_csr', { ...request, key_usage: ['signing'] })).to.contain('"signing" is not a key usage');
    expect(await msg('openssl_csr', { ...request, subject_alt_name: ['10.0.0.1'] })).to.contain('alternative name');
    expect(await msg('openssl_csr', { ...request, privatekey_path: at('nowhere') })).to.contain('does not exist');
    expect(await msg('x509_certificate', { ...server, ownca_privatekey_passphrase: 'no' })).to.contain('passphrase');
    expect(await msg('x509_certificate', { ...server, force: true, ownca_not_after: 'soon' })).to.contain(
      '"soon" is not a time',
    );
    expect(await msg('x509_certificate_info', { path: at('server-key.pem') })).to.contain('no CERTIFICATE');
  });

  it('reads times as community.crypto does', () => {
    const now = new Date('2026-01-01T00:00:00.700Z');
    expect(parseTime('+1w1d1h1m1s', now).toISOString()).to.equal('2026-01-09T01:01:01.000Z');
    expect(parseTime('-1d', now).toISOString()).to.equal('2025-12-31T00:00:00.000Z');
    expect(parseTime('20300102030405Z', now).toISOString()).to.equal('2030-01-02T03:04:05.000Z');
    for (const wrong of ['+', '', '1d', '+1x', '2030']) expect(() => parseTime(wrong, now)).to.throw(RangeError);
  });
});
