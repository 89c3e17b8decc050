import { ModuleFailure } from '../../errors.ts';
import { type Dict, fromPlain } from '../../values.ts';
import { list, str } from '../args.ts';
import { defineModule } from '../define.ts';
import { type Program, programs } from '../parts/programs.ts';

interface Found {
  name: string;
  version: string;
  source: string;
  [more: string]: unknown;
}
type Reader = { program: Program; read(text: string): Found[] };

const rows = (text: string) =>
  text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split('|'));

const READERS: Record<string, Reader> = {
  apt: {
    program: {
      words: [
        'dpkg-query',
        '-W',
        '-f',
        '${Package}|${Version}|${Architecture}|${Section}|${db:Status-Abbrev}|${Origin}\\n',
      ],
    },
    read: (text) =>
      rows(text)
        .filter((r) => r[4]?.[1] === 'i')
        .map((r) => ({ name: r[0]!, version: r[1]!, arch: r[2], category: r[3], origin: r[5] ?? '', source: 'apt' })),
  },
  rpm: {
    program: { words: ['rpm', '-qa', '--qf', '%{NAME}|%{VERSION}|%{RELEASE}|%{EPOCH}|%{ARCH}\\n'] },
    read: (text) =>
      rows(text).map((r) => ({
        name: r[0]!,
        version: r[1]!,
        release: r[2],
        epoch: r[3] === '(none)' ? null : Number(r[3]),
        arch: r[4] === '(none)' ? null : r[4],
        source: 'rpm',
      })),
  },
  apk: {
    program: { words: ['apk', 'info', '-v'] },
    read: (text) =>
      text.split('\n').flatMap((line) => {
        const match = /^(.+)-(\d[^-]*)-r(\d+)$/.exec(line);
        return match ? [{ name: match[1]!, version: match[2]!, release: match[3], source: 'apk' }] : [];
      }),
  },
  pacman: {
    program: { words: ['pacman', '-Q'] },
    read: (text) =>
      text.split('\n').flatMap((line) => {
        const [name, version] = line.split(' ');
        return name && version ? [{ name, version, source: 'pacman' }] : [];
      }),
  },
};
const ALIASES: Record<string, string> = { yum: 'rpm', dnf: 'rpm', dnf5: 'rpm', zypper: 'rpm' };

export default defineModule({
  name: 'package_facts',
  doc: 'Gathers the installed packages into the fact `packages`.',
  reference: 'ansible.builtin.package_facts',
  args: {
    manager: list(str(), { doc: 'Package managers to ask; `auto` is the one that is there.', default: ['auto'] }),
    strategy: str({ doc: 'The first one found, or all.', default: 'first', choices: ['first', 'all'] }),
  },
  check: 'full',
  traits: { observes: true },
  returns: { ansible_facts: '`packages`: a list of versions by name.' },
  examples: `- package_facts:
- debug:
    msg: "{{ ansible_facts.packages.openssl[0].version }}"
  when: "'openssl' in ansible_facts.packages"
`,
  async run(args, { remote }) {
    const wanted = args.manager
      .map((m) => m.toLowerCase())
      .flatMap((m) => (m === 'auto' ? Object.keys(READERS) : [ALIASES[m] ?? m]));
    const unknown = wanted.filter((m) => !READERS[m]);
    if (unknown.length > 0)
      throw new ModuleFailure(`package_facts: no such package manager here: ${unknown.join(', ')}`);
    const names = [...new Set(wanted)];
    const ran = await programs(
      remote,
      names.map((name) => READERS[name]!.program),
    );
    const packages: Record<string, Found[]> = {};
    let found = false;
    for (const [i, name] of names.entries()) {
      // A Debian host may have an rpm program that knows no package.
      if (ran[i]!.rc !== 0 || (ran[i]!.stdout === '' && args.manager.includes('auto'))) continue;
      if (found && args.strategy === 'first') break;
      found = true;
      for (const one of READERS[name]!.read(ran[i]!.stdout)) packages[one.name] = [...(packages[one.name] ?? []), one];
    }
    if (!found)
      throw new ModuleFailure(
        `Could not detect a supported package manager from the following list: ${names.join(', ')}`,
      );
    const facts = { packages };
    return { changed: false, values: { ansible_facts: facts }, facts: fromPlain(facts) as Dict };
  },
});
