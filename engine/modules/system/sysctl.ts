import { ModuleFailure } from '../../errors.ts';
import { RemotePath } from '../../remote/quote.ts';
import type { Remote } from '../../remote/remote.ts';
import { bool, path, requiredIf, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { type Program, programs, putFile } from '../parts/programs.ts';

export default defineModule({
  name: 'sysctl',
  doc: 'Settings of the kernel, in a file for every boot and in the running system.',
  reference: 'ansible.posix.sysctl',
  args: {
    name: str({ doc: 'The setting, such as net.ipv4.ip_forward.', required: true, aliases: ['key'] }),
    value: str({ doc: 'Its value.', aliases: ['val'] }),
    state: str({ doc: 'Whether the file should have it.', default: 'present', choices: ['present', 'absent'] }),
    ignoreerrors: bool({ doc: 'Unknown settings are no failure.', default: false }),
    reload: bool({ doc: 'Read the file again after a change.', default: true }),
    sysctl_file: path({ doc: 'The file.', default: '/etc/sysctl.conf' }),
    sysctl_set: bool({ doc: 'Check and set the value in the running system too.', default: false }),
  },
  rules: [requiredIf('state', 'present', ['value'])],
  check: 'full',
  examples: `- sysctl:
    name: vm.swappiness
    value: "10"
`,
  async run(args, { remote, check }) {
    const name = args.name.trim();
    if (!/^[\w.:/*?@-]+$/.test(name) || name.startsWith('-'))
      throw new ModuleFailure(`sysctl: '${name}' can't be the name of a setting`);
    const value = truth(args.value ?? '');
    const [file, running] = await programs(remote, [
      { words: ['cat', new RemotePath(args.sysctl_file)] },
      { words: ['sysctl', '-e', '-n', name] },
    ]);
    if (running!.rc === 127) throw new ModuleFailure('Failed to find required executable "sysctl"');
    const present = args.state === 'present';
    const { text, found } = edited(file!.rc === 0 ? file!.stdout : '', name, present ? value : undefined);
    const now = running!.rc === 0 ? running!.stdout : undefined;
    const sameNow = now !== undefined && words(now) === words(value);
    const write = present ? found !== value : Boolean(found);
    let isChanged = write;
    if (present && !write && args.reload && !sameNow) isChanged = true;
    const set = present && args.sysctl_set && !sameNow;
    if (set) isChanged = true;
    if (isChanged && !check) {
      const ignore = args.ignoreerrors ? ['-e'] : [];
      // A value that the kernel refuses does not get into the file.
      if (set && now !== undefined)
        await run(remote, ['sysctl', ...ignore, '-w', `${name}=${value}`], `setting ${name} failed`);
      if (write) await putFile(remote, args.sysctl_file, text);
      const file = new RemotePath(args.sysctl_file);
      if (args.reload) await run(remote, ['sysctl', ...ignore, '-p', file], 'Failed to reload sysctl');
    }
    return changed(isChanged);
  },
});

async function run(remote: Remote, words: Program['words'], failed: string): Promise<void> {
  const [ran] = await programs(remote, [{ words }]);
  const { rc, stdout, stderr } = ran!;
  const refused = /^sysctl: setting key "[^"]+": (Invalid argument|Read-only file system)$/m.test(stderr);
  if (rc !== 0 || refused) throw new ModuleFailure(`${failed}: ${stdout}${stderr}`);
}

const words = (text: string) => text.trim().split(/\s+/).join(' ');

function truth(value: string): string {
  const word = value.toLowerCase();
  if (['y', 'yes', 'on', '1', 'true', 't', '1.0'].includes(word)) return '1';
  if (['n', 'no', 'off', '0', 'false', 'f', '0.0'].includes(word)) return '0';
  return value.trim();
}

/** The file with the setting as wanted, each setting once; and what it had. */
function edited(text: string, name: string, value: string | undefined): { text: string; found: string | undefined } {
  const lines = text.split('\n').map((line) => line.trim());
  if (lines.at(-1) === '') lines.pop();
  const seen = new Set<string>();
  const after: string[] = [];
  let found: string | undefined;
  for (const line of lines) {
    const equals = line.indexOf('=');
    if (line === '' || /^[#;]/.test(line) || equals < 0) {
      after.push(line);
      continue;
    }
    const [key, old] = [line.slice(0, equals).trim(), line.slice(equals + 1).trim()];
    if (key === name) found = old;
    if (seen.has(key)) continue;
    seen.add(key);
    if (key !== name) after.push(`${key}=${old}`);
    else if (value !== undefined) after.push(`${key}=${value}`);
  }
  if (value !== undefined && !seen.has(name)) after.push(`${name}=${value}`);
  return { text: after.map((line) => `${line}\n`).join(''), found };
}
