/** S-11, S-25, S-29, S-31: what the sources and the package must not hold, read from them. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { codeOnly } from '../support/architecture.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const engine = join(root, 'engine');
const sources = readdirSync(engine, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => [path, codeOnly(readFileSync(join(engine, path), 'utf8'))] as const);
const json = (path: string) => JSON.parse(readFileSync(join(root, path), 'utf8'));

/** Files whose code matches. */
const holding = (pattern: RegExp) => sources.filter(([, code]) => pattern.test(code)).map(([path]) => path);

/** Whether a version is at least another. */
function atLeast(version: string, least: string): boolean {
  const [a, b] = [version, least].map((text) => text.split('.').map(Number));
  for (let i = 0; i < 3; i++) if (a![i] !== b![i]) return a![i]! > b![i]!;
  return true;
}

describe('the sources', () => {
  it('are read', () => {
    expect(sources.length).to.be.greaterThan(200);
    expect(holding(/\bpasswordPrompt\b|\bpassword\b/)).to.not.deep.equal([]);
  });

  it('switch on no debug log of a library: ssh2 would print passwords to it (S-11)', () => {
    expect(
      holding(/\bdebug\s*:\s*(?!\s*(false|undefined))|NODE_DEBUG|\bDEBUG\b/).filter((path) =>
        path.startsWith('remote/'),
      ),
    ).to.deep.equal([]);
  });

  it('know no Pageant and forward no agent (S-25, S-26)', () => {
    const words = /pageant|agentForward|openssh_authAgent|auth-agent-req/i;
    const all = sources.filter(([path]) => words.test(readFileSync(join(engine, path), 'utf8'))).map(([path]) => path);
    // ssh_config's ForwardAgent is read, to say that it has no effect.
    expect(all.filter((path) => !/^remote\/ssh_(args|config)/.test(path))).to.deep.equal([]);
  });

  it('verify nothing with node-forge: signatures and chains are checked by node:crypto (S-29)', () => {
    expect(sources.some(([path, code]) => path.startsWith('pki/') && /\bforge\b/.test(code))).to.equal(true);
    expect(holding(/verifyCertificateChain|\bforge\.[\w.]*verify|createCaStore|\.publicKey\.verify/)).to.deep.equal([]);
  });
});

describe('the rules of docs/security.md', () => {
  it('are each named by a test', () => {
    const folder = join(root, 'test');
    const titles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((path) => path.endsWith('.test.ts'))
      .flatMap((path) => [
        ...readFileSync(join(folder, path), 'utf8').matchAll(/\b(?:it|describe)\([^\n]*?\bS-\d\d[^\n]*/g),
      ])
      .join('\n');
    const table = readFileSync(join(root, 'docs/security.md'), 'utf8').match(/^\| S-.*? \|/gm)!;
    const ranges = table.flatMap((row) => row.match(/S-\d\d to S-\d\d|S-\d\d/g)!);
    const rules = ranges.flatMap((range) => {
      const [from, to] = range.match(/\d\d/g)!.map(Number) as [number, number?];
      return Array.from({ length: (to ?? from) - from + 1 }, (_, i) => `S-${String(from + i).padStart(2, '0')}`);
    });
    expect(rules.length).to.be.at.least(36);
    expect(rules.filter((rule) => !titles.includes(rule) && !['S-02', 'S-03', 'S-05'].includes(rule))).to.deep.equal(
      [],
    );
    expect(titles).to.include('S-01 to S-03').and.to.include('S-01, S-05');
  });
});

describe('the package (S-31)', () => {
  it('runs nothing when it is installed', () => {
    const { scripts } = json('package.json');
    for (const name of ['preinstall', 'install', 'postinstall']) expect(scripts).not.to.have.property(name);
  });

  it('uses libraries without the known holes (S-04, S-24, S-29), and every dependency of the lock file has its checksum', () => {
    const { packages } = json('package-lock.json') as {
      packages: Record<
        string,
        { version: string; integrity?: string; optional?: boolean; dev?: boolean; resolved?: string }
      >;
    };
    const version = (name: string) => packages[`node_modules/${name}`]!.version;
    expect(atLeast(version('handlebars'), '4.7.10')).to.equal(true);
    expect(atLeast(version('ssh2'), '1.15.0')).to.equal(true);
    expect(atLeast(version('node-forge'), '1.4.3')).to.equal(true);
    const open = Object.entries(packages).filter(([name, one]) => name !== '' && !one.integrity && !one.optional);
    expect(open.map(([name]) => name)).to.deep.equal([]);
    for (const [name, one] of Object.entries(packages)) expect(one.resolved ?? '', name).not.to.match(/^https?:/);
  });
});
