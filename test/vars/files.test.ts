import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { AuthorError, describe as show } from '../../engine/errors.ts';
import { Inventory, loadInventory } from '../../engine/inventory/index.ts';
import { type Json, Template, toPlain, type Value } from '../../engine/values.ts';
import { FactCache } from '../../engine/vars/fact_cache.ts';
import { readVarsFile } from '../../engine/vars/files.ts';
import { VarScope } from '../../engine/vars/scope.ts';
import { Variables } from '../../engine/vars/variables.ts';
import { encryptVault, secretsIn } from '../../engine/yaml/index.ts';

const recorded = JSON.parse(readFileSync(new URL('folders.json', import.meta.url), 'utf8')) as {
  [host: string]: { [name: string]: Json };
};

describe('group_vars and host_vars', () => {
  const cwd = new URL('folders', import.meta.url).pathname;
  let variables: Variables;
  let inventory: Inventory;
  before(async () => {
    inventory = await loadInventory(['A/hosts', 'B'], { cwd });
    variables = Variables.load({ inventory, playbookDir: join(cwd, 'play') });
  });

  it('are read of the same hosts as by stock Ansible', () => {
    expect([...inventory.hosts.keys()]).to.have.members(Object.keys(recorded));
  });

  for (const [host, expected] of Object.entries(recorded)) {
    it(`give ${host} the values of stock Ansible, whatever their place and form`, () => {
      const scope = new VarScope({ inventory: variables.forHost(host) }, {});
      const ours = Object.fromEntries([...scope.names()].map((name) => [name, toPlain(scope.value(name)!)]));
      expect(ours).to.deep.equal(expected);
    });
  }
});

describe('vars files', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vars-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): string => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const complaint = (path: string, options = {}): string => {
    try {
      readVarsFile(path, options);
    } catch (error) {
      if (error instanceof AuthorError) return show(error.findings[0]!).replaceAll(`${folder}/`, '');
      throw error;
    }
    throw new Error('no error');
  };
  const secret = { id: 'default', password: 'pw' };

  it('of a defaults folder are weaker than those beside the inventory, which are weaker than those beside the playbook', async () => {
    write('library/group_vars/all', 'a: library\nb: library\nc: library\n');
    write('library/group_vars/web', 'd: library\ne: library\n');
    write('own/group_vars/all', 'b: own\nc: own\nd: own\ne: own\n');
    write('own/group_vars/web.yml', 'e: own web\n');
    write('library/playbooks/group_vars/all', 'c: playbook\n');
    const inventory = await loadInventory([write('own/hosts', '[web]\nh1\n')], { cwd: folder });
    const dirs = { defaultsDir: join(folder, 'library'), playbookDir: join(folder, 'library/playbooks') };
    const scope = new VarScope({ inventory: Variables.load({ inventory, ...dirs }).forHost('h1') }, {});
    const seen = Object.fromEntries([...'abcde'].map((name) => [name, toPlain(scope.value(name)!)]));
    expect(seen).to.deep.equal({ a: 'library', b: 'own', c: 'playbook', d: 'library', e: 'own web' });
  });

  it('may be empty, and are mappings', () => {
    expect(readVarsFile(write('a.yml', '---\n# nothing\n'))).to.deep.equal(new Map());
    expect(complaint(write('b.yml', '---\n# names\n- a\n- b\n'))).to.equal(
      'error: a vars file is a mapping of names to values, and this is a list\n --> b.yml:3:1\n3 | - a\n  | ^\nhelp: write `name: value` lines',
    );
    expect(complaint(join(folder, 'nope.yml'))).to.equal('error: the vars file `nope.yml` does not exist');
  });

  it('that are encrypted hold templates as others do, and their texts are secrets', () => {
    const told: string[] = [];
    const opened = (plain: Buffer) => void told.push(...secretsIn(plain));
    const path = write('v.yml', encryptVault('a: "{{ b }}"\nb: hush\nn: 5432\nl: [deep]\n', secret));
    const dict = readVarsFile(path, { vault: [{ ...secret, opened }] });
    expect(dict.get('a')).to.be.instanceOf(Template);
    expect(told.slice(1)).to.deep.equal(['{{ b }}', 'hush', '5432', 'deep']);
    expect(complaint(path)).to.match(/^error: this is encrypted, and no vault password was given\n --> v.yml:1:1\n/);
  });

  it('are looked for by plain names only', () => {
    write('secret.yml', 'leak: 1');
    const inventory = new Inventory([join(folder, 'inv/hosts')]);
    write('inv/hosts', '');
    write('inv/host_vars/x.yml', 'y: 1');
    for (const name of ['../../secret', '..', 'x/../../../secret']) {
      inventory.addHost(name);
      expect(Variables.load({ inventory }).forHost(name).inventoryHostVars, name).to.deep.equal([]);
    }
  });

  it('that belong to nobody are pointed at when a name is near', async () => {
    write('hosts', '[web]\nw1\n[db]\n');
    write('group_vars/wbe.yml', 'a: 1');
    write('group_vars/other-project.yml', 'a: 1');
    write('host_vars/ww1/x.yml', 'a: 1');
    write('host_vars/w7.yml', 'a: 1');
    write('group_vars/db.yml', 'a: 1');
    write('group_vars/dbs.yml', 'a: 1');
    const inventory = await loadInventory(['hosts'], { cwd: folder });
    const findings = Variables.load({ inventory, playbookDir: folder }).unusedFiles();
    expect(findings.map((f) => show(f).replaceAll(`${folder}/`, ''))).to.deep.equal([
      'warning: `group_vars/wbe.yml` is read for nobody: the inventory has no such group\nhelp: did you mean `web`?',
      'warning: `host_vars/ww1` is read for nobody: the inventory has no such host\nhelp: did you mean `w1`?',
    ]);
  });

  it('are read lazily: a broken file of another host does no harm', async () => {
    write('hosts', 'a\nb\n');
    write('host_vars/b.yml', 'x: {{ y }}');
    const inventory = await loadInventory(['hosts'], { cwd: folder });
    const variables = Variables.load({ inventory });
    expect(variables.forHost('a').inventoryHostVars).to.deep.equal([]);
    expect(() => variables.forHost('b')).to.throw(AuthorError, 'this value begins with `{{`');
  });
});

describe('the fact cache', () => {
  let folder: string;
  beforeEach(() => {
    folder = join(mkdtempSync(join(tmpdir(), 'facts-')), 'cache');
  });
  afterEach(() => rmSync(dirname(folder), { recursive: true }));
  const known = new Map<Value, Value>([
    ['ansible_os', 'Linux'],
    ['ansible_motd', '{{ 7 * 7 }}'],
    ['ansible_local', new Map([['a', 1.5]])],
    ['packages', ['x']],
  ]);

  it('gives back what it was given, as data', () => {
    const cache = new FactCache(folder);
    expect(cache.read('h')).to.equal(undefined);
    cache.write('h', known);
    const read = new FactCache(folder).read('h')!;
    expect(read.get('ansible_os')).to.equal('Linux');
    expect(read.get('ansible_motd')).to.equal('{{ 7 * 7 }}');
    expect(read.get('packages')).to.deep.equal(['x']);
    cache.forget('h');
    expect(cache.read('h')).to.equal(undefined);
  });

  it("has Ansible's form on disk, for the user's eyes only", () => {
    new FactCache(folder, { prefix: 'f_' }).write('h', known);
    const path = join(folder, 'f_h');
    expect(JSON.parse(readFileSync(path, 'utf8'))).to.deep.equal({
      packages: ['x'],
      ansible_os: 'Linux',
      ansible_motd: '{{ 7 * 7 }}',
      ansible_local: { a: 1.5 },
    });
    expect((statSync(path).mode & 0o777).toString(8)).to.equal('600');
  });

  it('forgets after its time', () => {
    new FactCache(folder).write('h', known);
    const later = (seconds: number) => () => Date.now() + seconds * 1000;
    expect(new FactCache(folder, { timeout: 60, now: later(30) }).read('h')).not.to.equal(undefined);
    expect(new FactCache(folder, { timeout: 60, now: later(90) }).read('h')).to.equal(undefined);
    expect(new FactCache(folder, { timeout: 0, now: later(1e9) }).read('h')).not.to.equal(undefined);
  });

  it('ignores a damaged file, and names that lead elsewhere', () => {
    const cache = new FactCache(folder);
    cache.write('../escaped', known);
    expect(existsSync(join(dirname(folder), 'escaped'))).to.equal(false);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'h'), '{"a": ');
    expect(cache.read('h')).to.equal(undefined);
  });
});
