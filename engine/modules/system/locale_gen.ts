import { ModuleFailure } from '../../errors.ts';
import { list, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, programs, putFile } from '../parts/programs.ts';

export default defineModule({
  name: 'locale_gen',
  doc: 'Generates locales, or takes them away.',
  reference: 'community.general.locale_gen',
  args: {
    name: list(str(), { doc: 'Locales, such as de_DE.UTF-8.', required: true }),
    state: str({ doc: 'Whether they should be there.', default: 'present', choices: ['absent', 'present'] }),
  },
  check: 'full',
  returns: { mechanism: 'glibc or ubuntu_legacy.' },
  examples: `- locale_gen:
    name: de_DE.UTF-8
`,
  async run({ name, state }, { remote, check }) {
    const wrong = name.find((one) => !/^[A-Za-z][\w.@-]*$/.test(one));
    if (wrong !== undefined)
      throw new ModuleFailure(`The locales you've entered are not available on your system: ${wrong}`);
    const [locales, file, supported, alternate] = await programs(remote, [
      { words: ['locale', '-a'] },
      { words: ['cat', '/etc/locale.gen'] },
      { words: ['cat', '/usr/share/i18n/SUPPORTED'] },
      { words: ['cat', '/usr/local/share/i18n/SUPPORTED'] },
    ]);
    const there = new Set(locales!.stdout.split('\n').map(normal));
    const isRight = (one: string) => there.has(normal(one)) === (state === 'present');
    const wanted = name.filter((one) => !isRight(one));
    const legacy = file!.rc !== 0;
    const values = { name, mechanism: legacy ? 'ubuntu_legacy' : 'glibc', ubuntu_mode: legacy };
    const known = (supported!.stdout + alternate!.stdout).split('\n').map((line) => line.split(' '));
    const missing = name.filter((one) => !known.some(([locale]) => locale === one));
    if (known.length > 2 && missing.length > 0) {
      throw new ModuleFailure(
        `The following locales you have entered are not available on your system: ${missing.join(', ')}`,
      );
    }
    if (wanted.length === 0) return changed(false, values);
    if (check) return changed(true, values);
    if (file!.rc !== 0) {
      if (state === 'absent')
        throw new ModuleFailure('there is no /etc/locale.gen on this host to take a locale out of');
      await change(
        remote,
        wanted.map((one) => ({ words: ['locale-gen', one] })),
      );
      return changed(true, values);
    }
    await putFile(remote, '/etc/locale.gen', edited(file!.stdout, wanted, state === 'present', known));
    await change(remote, [{ words: ['locale-gen'] }]);
    return changed(true, values);
  },
});

/** `de_DE.UTF-8` and `de_DE.utf8` are one. */
function normal(name: string): string {
  const [base = '', modifier] = name.trim().split('@');
  const [language, charset] = base.split('.');
  const set = charset === undefined ? '' : `.${charset.toLowerCase().replaceAll('-', '')}`;
  return `${language}${set}${modifier === undefined ? '' : `@${modifier}`}`;
}

function edited(text: string, wanted: string[], present: boolean, known: string[][]): string {
  const lines = text.replace(/\n$/, '').split('\n');
  for (const one of wanted) {
    const at = lines.findIndex((line) => /^#?\s*(\S+)\s/.exec(`${line} `)?.[1] === one);
    if (!present) {
      for (const [i, line] of lines.entries()) if (line.trim().split(/\s/)[0] === one) lines[i] = `# ${line.trim()}`;
    } else if (at >= 0) lines[at] = lines[at]!.replace(/^#\s*/, '');
    else lines.push(`${one} ${known.find(([locale]) => locale === one)?.[1] ?? 'UTF-8'}`);
  }
  return `${lines.join('\n')}\n`;
}
