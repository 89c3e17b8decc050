import { ModuleFailure } from '../../errors.ts';
import { bool, fileMode, int, str } from '../args.ts';
import { changed, defineModule } from '../define.ts';
import { change, programs, putFile } from '../parts/programs.ts';

const FOLDER = '/etc/apt/sources.list.d';

export default defineModule({
  name: 'apt_repository',
  doc: 'A line of the one-line format in /etc/apt/sources.list.d.',
  reference: 'ansible.builtin.apt_repository',
  args: {
    repo: str({ doc: 'The line: `deb http://... suite component`.', required: true }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    mode: fileMode({ doc: 'Permissions of a new file.' }),
    update_cache: bool({ doc: 'Run `apt-get update` after a change.', default: true, aliases: ['update-cache'] }),
    update_cache_retries: int({ doc: 'How often to try that.', default: 5 }),
    update_cache_retry_max_delay: int({ doc: 'Longest pause between tries.', default: 12 }),
    validate_certs: bool({ doc: 'Has no effect: it is for `ppa:`.', default: true }),
    filename: str({ doc: 'Name of the file in sources.list.d, without `.list`.' }),
    codename: str({ doc: 'Has no effect: it is for `ppa:`.' }),
    install_python_apt: bool({ doc: 'Has no effect: nothing is needed.', default: true }),
  },
  check: 'full',
  returns: { repo: 'The line.', sources_added: 'Files that were made.', sources_removed: 'Files that were removed.' },
  examples: `- apt_repository:
    repo: deb https://example.com/debian stable main
    filename: example
`,
  async run(args, { remote, check, diff }) {
    const wanted = parse(args.repo);
    if (args.repo.startsWith('ppa:')) {
      throw new ModuleFailure(
        '`ppa:` needs answers of Launchpad; give the line itself, or use deb822_repository with its key',
      );
    }
    if (!wanted?.enabled) throw new ModuleFailure(`Invalid repository string: ${args.repo}`);
    const listing =
      'for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do [ -f "$f" ] && grep -H "" "$f"; done; true';
    const [ran] = await programs(remote, [{ words: ['sh', '-c', listing] }]);
    const files = new Map<string, string[]>();
    for (const row of ran!.stdout.split('\n')) {
      const colon = row.indexOf(':');
      if (colon > 0) files.set(row.slice(0, colon), [...(files.get(row.slice(0, colon)) ?? []), row.slice(colon + 1)]);
    }
    const after = new Map([...files].map(([file, lines]) => [file, [...lines]]));
    if (args.state === 'present') add(after, wanted, args.filename, args.repo);
    else remove(after, wanted);
    const text = (lines: string[] | undefined) => (lines ?? []).map((line) => `${line}\n`).join('');
    const names = [...new Set([...files.keys(), ...after.keys()])];
    const touched = names.filter((name) => text(files.get(name)) !== text(after.get(name)));
    const values = {
      repo: args.repo,
      state: args.state,
      sources_added: touched.filter((name) => !files.has(name)),
      sources_removed: touched.filter((name) => isEmpty(after.get(name)) && name.startsWith(FOLDER)),
    };
    const diffs = touched.map((name) => ({
      before: text(files.get(name)),
      after: text(after.get(name)),
      before_header: files.has(name) ? name : '/dev/null',
      after_header: values.sources_removed.includes(name) ? '/dev/null' : name,
    }));
    if (touched.length > 0 && !check) {
      for (const name of touched) {
        const content = values.sources_removed.includes(name) ? undefined : text(after.get(name));
        await putFile(remote, name, content, files.has(name) ? {} : { mode: args.mode ?? '0644' });
      }
      if (args.update_cache) {
        const tries = `n=0; d=1; until apt-get -q update; do n=$((n+1)); [ $n -lt ${args.update_cache_retries} ] || exit 1; sleep $d; d=$((d*2)); [ $d -le ${args.update_cache_retry_max_delay} ] || d=${args.update_cache_retry_max_delay}; done`;
        try {
          await change(remote, [{ words: ['sh', '-c', tries] }]);
        } catch (error) {
          // A source that cannot be read would break every later use of apt.
          for (const name of touched) {
            await putFile(remote, name, files.has(name) ? text(files.get(name)) : undefined);
          }
          throw new ModuleFailure(`Failed to update apt cache: ${(error as Error).message}`, values);
        }
      }
    }
    return changed(touched.length > 0, { ...values, diff: diff ? diffs : [] }, diff ? diffs : undefined);
  },
});

interface Source {
  enabled: boolean;
  /** Without comment, blanks as one. */
  source: string;
  comment: string;
}

function parse(line: string): Source | undefined {
  let text = line.trim();
  let enabled = true;
  if (text.startsWith('#')) {
    enabled = false;
    text = text.slice(1).trim();
  }
  const hash = text.indexOf('#');
  const comment = hash > 0 ? text.slice(hash + 1).trim() : '';
  if (hash > 0) text = text.slice(0, hash).trim();
  const chunks = text.split(/\s+/);
  if (!['deb', 'deb-src'].includes(chunks[0] ?? '') || chunks.length < 3) return undefined;
  return { enabled, source: chunks.join(' '), comment };
}

const isEmpty = (lines: string[] | undefined) => (lines ?? []).every((line) => line.trim() === '');

function add(files: Map<string, string[]>, wanted: Source, filename: string | undefined, line: string): void {
  for (const lines of files.values()) {
    for (const [i, old] of lines.entries()) {
      const known = parse(old);
      if (known?.source !== wanted.source) continue;
      if (!known.enabled) lines[i] = known.comment ? `${known.source} # ${known.comment}` : known.source;
      return;
    }
  }
  const file = fileOf(filename, line);
  files.set(file, [
    ...(files.get(file) ?? []),
    wanted.comment ? `${wanted.source} # ${wanted.comment}` : wanted.source,
  ]);
}

function remove(files: Map<string, string[]>, wanted: Source): void {
  for (const [file, lines] of files) {
    const kept = lines.filter((line) => {
      const known = parse(line);
      return !(known?.enabled && known.source === wanted.source);
    });
    files.set(file, kept);
  }
}

/** The name that Ansible gives the file of a line. */
function fileOf(filename: string | undefined, line: string): string {
  const name = (text: string) => (text.startsWith('/') ? text : `${FOLDER}/${text}`);
  if (filename !== undefined) return name(filename.endsWith('.list') ? filename : `${filename}.list`);
  const rest = line.replace(/\[[^\]]+\]/, '').replace(/\w+:\/\//, '');
  const first = rest.split(/\s+/).filter((part) => part !== '' && part !== 'deb' && part !== 'deb-src')[0] ?? '';
  const bare = first.includes('@') ? first.slice(first.indexOf('@') + 1) : first;
  return name(
    `${bare
      .replace(/[^a-zA-Z0-9]/g, ' ')
      .trim()
      .split(/\s+/)
      .join('_')}.list`,
  );
}
