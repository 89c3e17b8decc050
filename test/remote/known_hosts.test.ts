import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { addKnownHost, fingerprint, KnownHosts, keyType, lookupName } from '../../engine/remote/ssh/known_hosts.ts';

describe('known_hosts', () => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-known-'));
  const file = join(folder, 'known_hosts');
  const keys: Record<string, { text: string; bytes: Buffer; print: string }> = {};

  before(() => {
    for (const [name, type] of [
      ['a', 'ed25519'],
      ['b', 'ed25519'],
      ['r', 'rsa'],
      ['e', 'ecdsa'],
    ]) {
      const path = join(folder, name!);
      execFileSync('ssh-keygen', ['-q', '-t', type!, '-N', '', '-f', path]);
      const text = readFileSync(`${path}.pub`, 'utf8').split(' ').slice(0, 2).join(' ');
      const print = execFileSync('ssh-keygen', ['-lf', `${path}.pub`], { encoding: 'utf8' }).split(' ')[1]!;
      keys[name!] = { text, bytes: Buffer.from(text.split(' ')[1]!, 'base64'), print };
    }
  });
  after(() => rmSync(folder, { recursive: true }));

  const check = (text: string, host: string, port: number, key: string) => {
    writeFileSync(file, text);
    return new KnownHosts([join(folder, 'missing'), file]).check(host, port, keys[key]!.bytes);
  };

  it('prints types and fingerprints as ssh-keygen does', () => {
    for (const key of Object.values(keys)) {
      expect(fingerprint(key.bytes)).to.equal(key.print);
      expect(keyType(key.bytes)).to.equal(key.text.split(' ')[0]);
    }
    expect(keyType(Buffer.alloc(0))).to.equal('');
  });

  it('finds hosts by name, in lists, by pattern, with ports', () => {
    const { text } = keys['a']!;
    const cases: Array<[line: string, host: string, port: number, is: string]> = [
      [`web ${text}`, 'web', 22, 'known'],
      [`web ${text}`, 'WEB', 22, 'known'],
      [`web,10.0.0.1 ${text} a comment`, '10.0.0.1', 22, 'known'],
      [`*.example.com ${text}`, 'a.example.com', 22, 'known'],
      [`*.example.com ${text}`, 'example.com', 22, 'unknown'],
      [`*.example.com,!bad.example.com ${text}`, 'bad.example.com', 22, 'unknown'],
      [`[web]:2022 ${text}`, 'web', 2022, 'known'],
      [`[web]:2022 ${text}`, 'web', 22, 'unknown'],
      [`[web]:2022 ${text}`, 'web', 2023, 'unknown'],
      // ssh falls back to the name without its port where the key is the same.
      [`web ${text}`, 'web', 2022, 'known'],
      [`web ${keys['b']!.text}`, 'web', 2022, 'unknown'],
      [`[::1]:2022 ${text}`, '::1', 2022, 'known'],
      [`# web ${text}`, 'web', 22, 'unknown'],
      [`web ssh-ed25519 AAAAbroken`, 'web', 22, 'unknown'],
      [`web ssh-rsa ${text.split(' ')[1]}`, 'web', 22, 'unknown'],
      ['', 'web', 22, 'unknown'],
    ];
    for (const [line, host, port, is] of cases)
      expect(check(`${line}\n`, host, port, 'a').is, `${line} ${host} ${port}`).to.equal(is);
  });

  it('finds hashed names that ssh-keygen made', () => {
    writeFileSync(file, `web ${keys['a']!.text}\n[web]:2022 ${keys['b']!.text}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const known = new KnownHosts([file]);
    expect(readFileSync(file, 'utf8')).not.to.contain('web');
    expect(known.check('web', 22, keys['a']!.bytes).is).to.equal('known');
    expect(known.check('web', 2022, keys['b']!.bytes).is).to.equal('known');
    expect(known.check('web', 22, keys['b']!.bytes).is).to.equal('changed');
    expect(known.check('other', 22, keys['a']!.bytes).is).to.equal('unknown');
  });

  it('a changed key names the line and its fingerprint, of the same type first', () => {
    const verdict = check(`web ${keys['r']!.text}\nweb ${keys['b']!.text}\n`, 'web', 22, 'a');
    expect(verdict).to.deep.equal({
      is: 'changed',
      place: `${file}:2`,
      type: 'ssh-ed25519',
      fingerprint: keys['b']!.print,
      otherType: false,
    });
    const other = check(`web ${keys['r']!.text}\n`, 'web', 22, 'a');
    expect(other).to.deep.equal({
      is: 'changed',
      place: `${file}:1`,
      type: 'ssh-rsa',
      fingerprint: keys['r']!.print,
      otherType: true,
    });
  });

  it('a revoked key stays refused, wherever it is known', () => {
    const revoked = `web ${keys['a']!.text}\n@revoked * ${keys['a']!.text}\n`;
    expect(check(revoked, 'web', 22, 'a')).to.deep.equal({ is: 'revoked', place: `${file}:2` });
    expect(check(revoked, 'web', 2022, 'a').is).to.equal('revoked');
    expect(check(`@revoked web ${keys['b']!.text}\nweb ${keys['a']!.text}\n`, 'web', 22, 'a').is).to.equal('known');
  });

  it("a certificate authority is seen, and is not the host's own key", () => {
    const verdict = check(`@cert-authority *.example.com ${keys['a']!.text}\n`, 'a.example.com', 22, 'a');
    expect(verdict).to.deep.equal({ is: 'unknown', certAuthority: true });
  });

  it('knows which types to ask for', () => {
    writeFileSync(file, `web ${keys['r']!.text}\nweb ${keys['e']!.text}\n@revoked web ${keys['a']!.text}\n`);
    expect(new KnownHosts([file]).types('web', 22)).to.deep.equal(['ssh-rsa', 'ecdsa-sha2-nistp256']);
  });

  it('adds a key once, plain or hashed, as ssh-keygen -F finds it; the file is private', () => {
    for (const hashed of [false, true]) {
      const path = join(folder, 'deep', `new-${hashed}`);
      addKnownHost(path, 'Web', 2022, keys['a']!.bytes, hashed);
      addKnownHost(path, 'web', 2022, keys['a']!.bytes, hashed);
      addKnownHost(path, 'db', 22, keys['b']!.bytes, hashed);
      const found = execFileSync('ssh-keygen', ['-F', '[web]:2022', '-f', path], { encoding: 'utf8' });
      expect(found).to.contain(keys['a']!.text);
      expect(readFileSync(path, 'utf8').trim().split('\n')).to.have.length(2);
      expect(readFileSync(path, 'utf8').includes('web')).to.equal(!hashed);
      expect(statSync(path).mode & 0o777).to.equal(0o600);
    }
    writeFileSync(file, `web ${keys['a']!.text}`);
    addKnownHost(file, 'db', 22, keys['b']!.bytes, false);
    expect(readFileSync(file, 'utf8')).to.equal(`web ${keys['a']!.text}\ndb ${keys['b']!.text}\n`);
  });

  it('names', () => {
    expect([lookupName('Web', 22), lookupName('web', 2022)]).to.deep.equal(['web', '[web]:2022']);
  });
});
