import { ModuleFailure } from '../../errors.ts';
import { IniError, iniText, parseIni } from '../../python/ini.ts';
import { remotePath } from '../../remote/quote.ts';
import { bool, list, path, requiredIf, str } from '../args.ts';
import { changed, defineModule, shell } from '../define.ts';
import { attributeArgs } from '../parts/attributes.ts';
import { readFile, writeFile } from '../parts/edit.ts';

const one = (doc: string) => list(str(), { doc });

/** What may stand in a section, under its names in the file. Source: dnf.conf(5). */
const options = {
  async: bool({ doc: 'Fetch packages in the background.' }),
  bandwidth: str({ doc: 'The most that it may use, in bytes a second.' }),
  baseurl: one('Addresses of the folder with repodata.'),
  cost: str({ doc: 'How expensive it is, 1000 if not given.' }),
  countme: bool({ doc: 'Be counted.' }),
  deltarpm_metadata_percentage: str({ doc: 'How large delta metadata may be.' }),
  deltarpm_percentage: str({ doc: 'How large delta packages may be.' }),
  enabled: bool({ doc: 'Whether it is used.' }),
  enablegroups: bool({ doc: 'Whether its groups are used.' }),
  exclude: list(str(), { doc: 'Packages that are not taken from it.', aliases: ['excludepkgs'] }),
  failovermethod: str({ doc: 'Which address comes first.', choices: ['roundrobin', 'priority'] }),
  gpgcakey: str({ doc: 'The key of the key.' }),
  gpgcheck: bool({ doc: 'Check the signatures of packages.' }),
  gpgkey: one('Addresses of the keys.'),
  http_caching: str({ doc: 'What proxies may keep.', choices: ['all', 'packages', 'none'] }),
  include: str({ doc: 'A file to read with it.' }),
  includepkgs: one('The packages that may be taken from it.'),
  ip_resolve: str({ doc: 'Which addresses to use.', choices: ['4', '6', 'IPv4', 'IPv6', 'whatever'] }),
  keepalive: bool({ doc: 'Keep connections.' }),
  keepcache: str({ doc: 'Keep packages.', choices: ['0', '1'] }),
  metadata_expire: str({ doc: 'For how long metadata is valid: seconds, or with d, h, m.' }),
  metadata_expire_filter: str({
    doc: 'Which commands look at that.',
    choices: ['never', 'read-only:past', 'read-only:present', 'read-only:future'],
  }),
  metalink: str({ doc: 'Address of a metalink.' }),
  mirrorlist: str({ doc: 'Address of a list of mirrors.' }),
  mirrorlist_expire: str({ doc: 'For how long that is valid.' }),
  module_hotfixes: bool({ doc: 'Its packages are not hidden by modules.' }),
  password: str({ doc: 'Password of username.', secret: true }),
  priority: str({ doc: '1 to 99, the lowest wins.' }),
  protect: bool({ doc: 'Protect it from others.' }),
  proxy: str({ doc: 'Address of a proxy, or _none_.' }),
  proxy_password: str({ doc: 'Password of proxy_username.', secret: true }),
  proxy_username: str({ doc: 'User of the proxy.' }),
  repo_gpgcheck: bool({ doc: 'Check the signature of the metadata.' }),
  retries: str({ doc: 'How often to try.' }),
  s3_enabled: bool({ doc: 'It is a bucket of S3.' }),
  skip_if_unavailable: bool({ doc: 'Go on without it where it does not answer.' }),
  ssl_check_cert_permissions: bool({ doc: 'Check the modes of certificates.' }),
  sslcacert: str({ doc: 'File of the CAs.', aliases: ['ca_cert'] }),
  sslclientcert: str({ doc: 'File of the own certificate.', aliases: ['client_cert'] }),
  sslclientkey: str({ doc: 'File of its key.', aliases: ['client_key'] }),
  sslverify: bool({ doc: 'Check the server’s certificate.', aliases: ['validate_certs'] }),
  throttle: str({ doc: 'Slows downloads to this.' }),
  timeout: str({ doc: 'Seconds until a connection is given up.' }),
  ui_repoid_vars: str({ doc: 'Variables that are shown in its name.' }),
  username: str({ doc: 'User of the server.' }),
} as const;

export default defineModule({
  name: 'yum_repository',
  doc: 'A repository of yum and dnf: a section in a file of /etc/yum.repos.d.',
  reference: 'ansible.builtin.yum_repository',
  args: {
    name: str({ doc: 'Name of the section.', required: true }),
    description: str({ doc: 'Name of the repository for people.' }),
    file: str({ doc: 'Name of the file, without .repo; `name` if not given.' }),
    reposdir: path({ doc: 'The folder.', default: '/etc/yum.repos.d' }),
    state: str({ doc: 'Whether it should be there.', default: 'present', choices: ['absent', 'present'] }),
    ...options,
    ...attributeArgs,
  },
  rules: [
    requiredIf('state', 'present', ['baseurl', 'mirrorlist', 'metalink'], true),
    requiredIf('state', 'present', ['description']),
  ],
  check: 'full',
  returns: { repo: 'The section.', state: 'Whether it is there.' },
  examples: `- yum_repository:
    name: example
    description: Packages of example.com
    baseurl: https://packages.example.com/el9/
    gpgkey: https://packages.example.com/key.asc
`,
  async run(args, env) {
    const folder = args.reposdir.replace(/\/+$/, '') || '/';
    const edit = {
      ...args,
      path: `${folder}/${args.file ?? args.name}.repo`,
      backup: false,
      folder: { path: folder, missing: `Repo directory '${folder}' does not exist.` },
    };
    const wish: Section = new Map();
    if (args.description !== undefined) wish.set('name', args.description);
    for (const key of Object.keys(options)) {
      const value = args[key as keyof typeof options];
      if (value !== undefined) wish.set(key, optionText(key, value));
    }
    const sorted = new Map([...wish].sort(([a], [b]) => (a < b ? -1 : 1)));
    const isThere = { repo: args.name, state: args.state };
    const fresh = args.state === 'present' ? Buffer.from(iniText(new Map([[args.name, sorted]]))) : undefined;
    const file = await readFile(edit, env.remote, env.check ? undefined : fresh);
    const before = file.exists ? parse(file.content.toString('utf8'), file.path) : new Map<string, Section>();
    const after = new Map(before);
    after.delete(args.name);
    if (args.state === 'present') after.set(args.name, sorted);
    const [was, is] = [shown(before), shown(after)];
    if (args.state === 'absent' && after.size === 0 && before.size > 0) {
      if (!env.check) await env.remote.call(shell('yum_repository', import.meta.url), { gone: remotePath(edit.path) });
      return changed(true, isThere, env.diff ? [{ before: was, after: '' }] : undefined);
    }
    if (!file.exists && args.state === 'absent') return changed(false, isThere);
    const text = was === is ? undefined : Buffer.from(iniText(after));
    const { attributes } = await writeFile(file, text, edit, env);
    const diff = was !== is && env.diff ? [{ before: was, after: is }] : undefined;
    return changed(was !== is || attributes, isThere, diff);
  },
});

type Section = Map<string, string>;

function optionText(key: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (Array.isArray(value)) return value.join(key === 'baseurl' || key === 'gpgkey' ? '\n' : ' ');
  return String(value);
}

/** The sections as a file has them; lines of a value but the first are indented. */
/** What is compared and shown: all of it, sorted. */
function shown(sections: Map<string, Section>): string {
  const sort = <T>(map: Map<string, T>) => [...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return sort(sections)
    .map(
      ([name, section]) =>
        `[${name}]\n${sort(section)
          .map(([key, value]) => `${key} = ${value}\n`)
          .join('')}\n`,
    )
    .join('');
}

function parse(text: string, file: string): Map<string, Section> {
  try {
    return parseIni(text) as Map<string, Section>;
  } catch (error) {
    if (!(error instanceof IniError)) throw error;
    throw new ModuleFailure(
      `${file} cannot be read: there is ${error.message} line ${error.line}: ${error.text.slice(0, 200)}`,
    );
  }
}
