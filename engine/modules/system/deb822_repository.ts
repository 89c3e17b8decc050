import { ModuleFailure } from '../../errors.ts';
import { bool, fileMode, int, list, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { pathInfo } from '../parts/attributes.ts';

const FIELDS =
  'allow_downgrade_to_insecure allow_insecure allow_weak architectures by_hash check_date check_valid_until components date_max_future enabled inrelease_path languages name pdiffs signed_by suites targets trusted types uris'.split(
    ' ',
  );

export default defineModule({
  name: 'deb822_repository',
  doc: 'A repository in the deb822 format: a file of /etc/apt/sources.list.d and its key.',
  reference: 'ansible.builtin.deb822_repository',
  args: {
    allow_downgrade_to_insecure: bool({ doc: 'Accept that it is no longer signed.' }),
    allow_insecure: bool({ doc: 'Accept that it is not signed.' }),
    allow_weak: bool({ doc: 'Accept weak signatures.' }),
    architectures: list(str(), { doc: 'Architectures.' }),
    by_hash: bool({ doc: 'Fetch lists by their hash.' }),
    check_date: bool({ doc: 'Check the date of the lists.' }),
    check_valid_until: bool({ doc: 'Check until when they are valid.' }),
    components: list(str(), { doc: 'Components.' }),
    date_max_future: int({ doc: 'Seconds that they may come from the future.' }),
    enabled: bool({ doc: 'Whether it is used.' }),
    inrelease_path: str({ doc: 'Path of InRelease.' }),
    languages: list(str(), { doc: 'Languages of translations.' }),
    name: str({ doc: 'Name of the repository, and of its file.', required: true }),
    pdiffs: bool({ doc: 'Use differences of the lists.' }),
    signed_by: str({ doc: 'The key: an address, a file of the host, or the key itself.' }),
    suites: list(str(), { doc: 'Suites.' }),
    targets: list(str(), { doc: 'What to fetch.' }),
    trusted: bool({ doc: 'Trust it without a check.' }),
    types: list(str({ choices: ['deb', 'deb-src'] }), { doc: 'deb, deb-src.', default: ['deb'] }),
    uris: list(str(), { doc: 'Addresses.' }),
    mode: fileMode({ doc: 'Permissions of the file.', default: '0644' }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    install_python_debian: bool({ doc: 'Has no effect: nothing is needed.', default: false }),
  },
  check: 'full',
  returns: { repo: 'Content of the file.', dest: 'The file.', key_filename: 'The file of the key.' },
  examples: `- deb822_repository:
    name: example
    uris: https://example.com/debian
    suites: stable
    components: main
    signed_by: https://example.com/key.asc
`,
  async run(args, { remote }) {
    const slug = args.name
      .toLowerCase()
      .replace(/[_\s]+/g, '-')
      .replace(/[^a-z0-9-]+/g, '');
    if (slug === '') throw new ModuleFailure(`'${args.name}' leaves no name for a file`);
    if (slug.length > 200) throw new ModuleFailure(`'${slug.slice(0, 40)}...' is too long for the name of a file`);
    const dest = `/etc/apt/sources.list.d/${slug}.sources`;
    const key = args.signed_by;
    const isUrl = key !== undefined && /^\w+:\/\//.test(key);
    const isPath = key?.startsWith('/') ?? false;
    const fields = FIELDS.filter(
      (f) => args[f as keyof typeof args] !== undefined && !(f === 'signed_by' && isUrl),
    ).map((f) => line(f, args[f as keyof typeof args]));
    const reply = await remote.call(shell('deb822_repository', import.meta.url), {
      d_state: args.state,
      d_slug: slug,
      dest,
      mode: args.mode,
      d_url: isUrl ? key : '',
      // The key's line stands where the names are sorted.
      d_before: fields.slice(0, before(fields, isUrl)).join(''),
      d_after: fields.slice(before(fields, isUrl)).join(''),
    });
    const absent = args.state === 'absent';
    const keyFile = reply.get('key_filename') || (absent ? `/etc/apt/keyrings/${slug}.gpg` : isPath ? key : null);
    return changed(reply.changes.length > 0, {
      ...pathInfo(reply),
      repo: absent ? null : reply.get('repo'),
      dest,
      key_filename: keyFile,
    });
  },
});

const before = (fields: string[], isUrl: boolean) => {
  const at = isUrl ? fields.findIndex((f) => /^(Suites|Targets|Trusted|Types|URIs):/.test(f)) : -1;
  return at < 0 ? fields.length : at;
};

function line(field: string, value: unknown): string {
  let text = Array.isArray(value)
    ? value.join(' ')
    : typeof value === 'boolean'
      ? value
        ? 'yes'
        : 'no'
      : String(value);
  if (text.includes('\n')) {
    const rows = text
      .trim()
      .split('\n')
      .map((row) => `    ${row.trim() || '.'}`);
    text = `\n${rows.join('\n')}`;
  }
  const title = field
    .replaceAll('_', '-')
    .replace(/(^|-)([a-z])/g, (_, dash: string, c: string) => dash + c.toUpperCase());
  const name = field === 'name' ? 'X-Repolib-Name' : field === 'uris' ? 'URIs' : title;
  return `${name}:${text.startsWith('\n') ? '' : ' '}${text}\n`;
}
