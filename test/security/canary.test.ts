/**
 * S-08, S-36: a project with a unique secret in every place that the engine can decrypt, in every form in which it may come back, seen by
 * every reporter. The places are not listed by hand: a file of the engine that calls decryptVault and is not in `SOURCES` fails.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import { reporters } from '../../engine/reporters/index.ts';
import { encryptVault } from '../../engine/yaml/index.ts';
import { command, project } from '../cli/console.ts';
import { codeOnly } from '../support/architecture.ts';

const engine = fileURLToPath(new URL('../../engine/', import.meta.url));
const password = { id: 'default', password: 'canary-of-the-vault-itself' };
const vault = (text: string): string => encryptVault(text, password);

/** A secret of each source, with characters that the forms change. */
const secretOf = (source: string): string => `cnry/${source}+"7&é'9`;
const yamlOf = (source: string): string => vault(`${source}: ${JSON.stringify(secretOf(source))}\n`);
const inline = (source: string, margin: string): string =>
  `!vault |\n${vault(secretOf(source))
    .trim()
    .split('\n')
    .map((line) => margin + line)
    .join('\n')}`;

/** Where secrets come from: the file that opens it, and a variable that holds it afterwards. */
const SOURCES: Record<string, { by: string; files: Record<string, string>; expression?: string }> = {
  group_vars: { by: 'vars/files.ts', files: { 'group_vars/all/secret.yml': yamlOf('group_vars') } },
  host_vars: { by: 'vars/files.ts', files: { 'host_vars/localhost.yml': yamlOf('host_vars') } },
  vars_files: { by: 'run/prepare.ts', files: { 'files/play.yml': yamlOf('vars_files') } },
  role_vars: { by: 'run/prepare.ts', files: { 'roles/r/vars/main.yml': yamlOf('role_vars') } },
  role_defaults: { by: 'run/prepare.ts', files: { 'roles/r/defaults/main.yml': yamlOf('role_defaults') } },
  include_vars: { by: 'run/prepare.ts', files: { 'files/included.yml': yamlOf('include_vars') } },
  inline: { by: 'vars/scope.ts', files: { 'group_vars/all/inline.yml': `inline: ${inline('inline', '  ')}\n` } },
  inventory: {
    by: 'inventory/sources.ts',
    files: { 'hosts.yml': vault(`all: {hosts: {localhost: {inventory: ${JSON.stringify(secretOf('inventory'))}}}}\n`) },
  },
  extra: { by: 'cli/options/run_options.ts', files: { 'files/extra.yml': yamlOf('extra') } },
  looked_up: {
    by: 'run/view/rendering.ts',
    files: { 'files/looked_up': vault(secretOf('looked_up')) },
    expression: "lookup('file', 'looked_up')",
  },
  filtered: {
    by: 'run/view/rendering.ts',
    files: { 'group_vars/all/raw.yml': `filtered: ${JSON.stringify(vault(secretOf('filtered')))}\n` },
    expression: `filtered | unvault('${password.password}')`,
  },
  copied: {
    by: 'run/view/files.ts',
    files: { 'files/copied': vault(secretOf('copied')) },
    expression: "lookup('unvault', 'copied')",
  },
};

/** Files that open vaults for other ends than a run: `run vault` and `run inventory` show what is theirs, and a check reads names. */
const NO_SOURCE = [
  'yaml/vault.ts',
  'yaml/secrets.ts',
  'cli/commands/vault.ts',
  'cli/commands/inventory.ts',
  'check/names.ts',
  // The key of a record: nothing that a playbook names.
  'record/seal.ts',
];

/** Templates that give a secret another form. */
const FORMS: Record<string, string> = {
  plain: '',
  base64: '| b64encode',
  authorization: "| regex_replace('^', 'user:') | b64encode",
  url: '| urlencode',
  json: '| to_json',
  'json twice': '| to_json | to_json',
  'json beyond ASCII': '| to_json(ensure_ascii=false)',
  quoted: '| quote',
  html: '| escape',
  regex: '| regex_escape',
  url_in_text: "| regex_replace('^', 'https://x/?p=') | urlencode",
};

const expressions = Object.entries(SOURCES).map(([name, { expression }]) => [name, expression ?? name] as const);
const shown = expressions.flatMap(([, expression]) =>
  Object.values(FORMS).map((form) => `    - debug: {msg: ${JSON.stringify(`{{ (${expression}) ${form} }}`)}}`),
);

/** The same secrets on the ways of results: changed, failed, retried, looped, diffed, in live output and in two pieces. */
const ways = expressions.map(
  ([name, expression]) => `
    - set_fact: {value: ${JSON.stringify(`{{ ${expression} }}`)}}
    - shell: printf %s "$V" | head -c 6; sleep 0.05; printf %s "$V" | tail -c +7; printf %s "$V" >&2; exit 3
      environment: {V: "{{ value }}"}
      ignore_errors: true
    - command: 'false'
      environment: {V: "{{ value }}"}
      register: r
      until: r is succeeded
      retries: 1
      delay: 0
      ignore_errors: true
    - copy: {content: "{{ value }}\\n", dest: "{{ playbook_dir }}/out-${name}"}
    - fail: {msg: "no {{ value }}"}
      ignore_errors: true
    - debug: {var: item}
      loop: ["{{ value }}"]
    - assert: {that: value == 'x', fail_msg: "{{ value }}"}
      ignore_errors: true
    - name: "A task named {{ value }}"
      slurp: {src: "{{ playbook_dir }}/out-${name}"}
    - debug: {msg: "{{ nosuch[value] }}"}
      ignore_errors: true`,
);

const site = `- hosts: localhost
  connection: local
  gather_facts: false
  vars_files: [files/play.yml]
  tasks:
    - include_vars: files/included.yml
    - import_role: {name: r}
    - copy: {src: copied, dest: "{{ playbook_dir }}/out"}
    - template: {src: files/copied, dest: "{{ playbook_dir }}/out2"}
    - set_fact: {number: "{{ pin }}", float: "{{ share }}"}
    - debug: {msg: ["{{ pin }}", "{{ share }}", "{{ pin | string }}x"]}
    - debug: {msg: "https://bob:cnryurl@example.com/ {{ hidden }}"}
      no_log: true
    - command: echo {{ hidden }}
      no_log: true
      register: r
      until: r.rc == 1
      retries: 1
      delay: 0
      ignore_errors: true
${shown.join('\n')}
${ways.join('\n')}
`;

/** What must not come out: the secret itself or its letters in any alphabet that is looked for. */
const marks = [
  /cnry/i,
  /Y25yeS/,
  /NucnkvY/,
  /jbnJ5L/,
  /636e7279/i,
  /(?<![\d.])471108/,
  /(?<!\d)47\.1108/,
  /hidden-canary/,
];

/** The page of a run holds it compressed. */
const plain = (text: string): string =>
  text.replace(
    /(id="run">)([^<]+)/,
    (_all, open: string, data: string) => open + gunzipSync(Buffer.from(data, 'base64')),
  );

describe('secrets of every source, in every form (S-08, S-36)', () => {
  const here = project({
    'vault-pw': `${password.password}\n`,
    'site.yml': site,
    'roles/r/tasks/main.yml': '- debug: {msg: "{{ role_vars }} {{ role_defaults }}"}\n',
    'group_vars/all/numbers.yml': vault('pin: 471108\nshare: 47.1108\n'),
    'group_vars/all/hidden.yml': 'hidden: hidden-canary\n',
    ...Object.assign({}, ...Object.values(SOURCES).map(({ files }) => files)),
  });
  after(() => {
    here.remove();
    const [sources, forms, sinks] = [SOURCES, FORMS, reporters].map((all) => Object.keys(all!).length);
    console.log(
      `      ${sources} sources x ${forms} forms x ${sinks} reporters, run and checked; 9 kinds of results of each source`,
    );
  });

  it('every file of the engine that opens vaults is a source here', () => {
    const opening = readdirSync(engine, { recursive: true, encoding: 'utf8' })
      .filter(
        (path) =>
          path.endsWith('.ts') &&
          /decryptVault(Bytes)?\(|openedSource\(/.test(codeOnly(readFileSync(join(engine, path), 'utf8'))),
      )
      .filter((path) => !NO_SOURCE.includes(path));
    expect([...new Set(Object.values(SOURCES).map(({ by }) => by))].sort()).to.deep.equal(opening.sort());
  });

  for (const mode of ['run', 'check'])
    it(`are in the report of no reporter, ${mode}`, async function () {
      this.timeout(180_000);
      const args = ['site.yml', '-i', 'hosts.yml', '-e', '@files/extra.yml', '--vault-password-file', 'vault-pw'];
      const all = Object.keys(reporters).flatMap((name) => ['--reporter', `${name}=report.${name}`]);
      const more = ['-vvvv', '-D', '--live', ...all, ...(mode === 'check' ? ['-C'] : [])];
      const environment = { TROUPE_STATE: join(here.path, `state-${mode}`) };
      const { code, out, err } = await command([...args, ...more], { cwd: here.path, environment });
      expect(code, (out + err).slice(-3000)).to.equal(0);
      const texts = { screen: out, errors: err } as Record<string, string>;
      for (const name of Object.keys(reporters))
        texts[name] = plain(readFileSync(join(here.path, `report.${name}`), 'utf8'));
      const records = readdirSync(environment.TROUPE_STATE, { recursive: true, withFileTypes: true });
      const kept = records.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
      expect(kept.length, 'the record').to.be.at.least(3);
      for (const file of kept) texts[file.slice(here.path.length)] = readFileSync(file, 'latin1');
      for (const [name, text] of Object.entries(texts)) {
        const lines = text.split('\n').filter((line) => marks.some((mark) => mark.test(line)));
        expect(lines.slice(0, 5), name).to.deep.equal([]);
        if (!['errors', 'github', 'oneline', 'quiet', 'junit', 'plan'].includes(name) && !name.includes('/'))
          expect(text).to.include('********');
      }
    });
});
