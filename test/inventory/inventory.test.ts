import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AuthorError } from '../../engine/errors.ts';
import { type Host, Inventory, loadInventory } from '../../engine/inventory/index.ts';
import { placeOf, placeOfValue, Template, type Value } from '../../engine/values.ts';
import { encryptVault } from '../../engine/yaml/index.ts';

const names = (hosts: Host[]): string => hosts.map((host) => host.name).join(' ');

describe('an inventory', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const load = (sources: string[], options = {}) => loadInventory(sources, { cwd: folder, ...options });

  it('makes Templates of marked values of project files, at their place', async () => {
    write('hosts', 'a x="{{ y }}" z=1\n[all:vars]\nlist = ["{{ y }}", 2]\n');
    const inventory = await load(['hosts']);
    const { vars } = inventory.hosts.get('a')!;
    expect(vars.get('x')).to.be.instanceOf(Template);
    const place = placeOf(vars.get('x'))!;
    expect(place.source.position(place.offset)).to.deep.equal({ line: 1, column: 5 });
    const z = placeOfValue(vars, 'z')!;
    expect(z.source.position(z.offset)).to.deep.equal({ line: 1, column: 17 });
    const list = inventory.groups.get('all')!.vars.get('list') as Value[];
    expect(list[0]).to.be.instanceOf(Template);
  });

  it('keeps what a program prints as data', async () => {
    write(
      'run',
      '#!/bin/sh\necho \'{"g": {"hosts": ["a"]}, "_meta": {"hostvars": {"a": {"x": "{{ y }}", "__proto__": {"p": 1}}}}}\'\n',
    );
    chmodSync(join(folder, 'run'), 0o755);
    const { vars } = (await load(['run'])).hosts.get('a')!;
    expect(vars.get('x')).to.equal('{{ y }}');
    expect(({} as { p?: number }).p).to.equal(undefined);
  });

  it('runs programs by the function it is given', async () => {
    write('run', '#!/nowhere\n');
    chmodSync(join(folder, 'run'), 0o755);
    const asked: string[] = [];
    const run = (path: string, args: string[]) => {
      asked.push([path.replace(`${folder}/`, ''), ...args].join(' '));
      return { stdout: args[0] === '--list' ? '{"g": ["a", "b"]}' : `{"n": "${args[1]}"}`, stderr: '', rc: 0 };
    };
    const inventory = await load(['run'], { run });
    expect(asked).to.deep.equal(['run --list', 'run --host a', 'run --host b']);
    expect(inventory.hosts.get('b')!.vars.get('n')).to.equal('b');
  });

  it('knows YAML and JSON without an ending by their first line', async () => {
    for (const text of [
      '---\nall: {hosts: {a: }}\n',
      '# c\n\nweb: # x\n  hosts: {a: }\n',
      '{"web": {"hosts": {"a": {}}}}',
    ]) {
      write('hosts', text);
      expect([...(await load(['hosts'])).hosts.keys()], text).to.deep.equal(['a']);
    }
    for (const text of ['a\n', '[web]\na\n', 'a:2222 x=1\n', '# all:\na\nb:22\n']) {
      write('hosts', text);
      expect([...(await load(['hosts'])).hosts.keys()][0], text).to.equal('a');
    }
  });

  it('reads an encrypted file', async () => {
    const secret = { id: 'default', password: 'pw' };
    write('hosts', encryptVault('[web]\na x=1\n', secret));
    expect((await load(['hosts'], { vault: [secret] })).hosts.get('a')!.vars.get('x')).to.equal(1);
    const error = await load(['hosts']).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(AuthorError);
  });

  it('has only an implicit localhost when nothing is given', async () => {
    const inventory = await load([]);
    expect(names(inventory.select('all'))).to.equal('');
    expect(names(inventory.select('localhost'))).to.equal('localhost');
    expect(inventory.getHost('localhost')!.vars.get('ansible_connection')).to.equal('local');
    expect([inventory.groupNames('localhost'), inventory.groupsDict().get('all')]).to.deep.equal([[], []]);
    expect(inventory.warnings).to.deep.equal([]);
  });

  it('knows a listed localhost as any other host', async () => {
    const inventory = await load(['localhost,']);
    expect(inventory.getHost('localhost')!.vars.size).to.equal(0);
    expect(names(inventory.select('all'))).to.equal('localhost');
  });

  it('remembers the file that listed a host', async () => {
    mkdirSync(join(folder, 'inv'));
    write('inv/one', 'a\n');
    write('inv/two', 'a\nb\n');
    const { hosts } = await load(['inv', 'c,']);
    const sources = [...hosts.values()].map((h) => h.source?.replace(folder, ''));
    expect(sources).to.deep.equal(['/inv/one', '/inv/two', undefined]);
  });

  it('narrows by a limit, which may be the lines of a file', async () => {
    write('hosts', '[web]\nw[1:4]\n[db]\nd1\n');
    write('retry', 'w3\n\n# no\nd1\n');
    const inventory = await load(['hosts']);
    expect(names(inventory.select('web', 'w2,w4,d1'))).to.equal('w2 w4');
    expect(names(inventory.select('all', `@${folder}/retry`))).to.equal('w3 d1');
    expect(names(inventory.select('web', '!w1'))).to.equal('w2 w3 w4');
    expect(() => inventory.select('all', '@/no/such')).to.throw(AuthorError, "the limit file can't be read: /no/such");
  });

  it('orders hosts as asked', async () => {
    write('hosts', '[b]\nm2\nm1\n[a]\nm3\n');
    const inventory = await load(['hosts']);
    const by = (order: 'sorted' | 'reverse_sorted' | 'reverse_inventory' | 'shuffle') =>
      names(inventory.select('all', undefined, { order }));
    expect([by('sorted'), by('reverse_sorted'), by('reverse_inventory')]).to.deep.equal([
      'm1 m2 m3',
      'm3 m2 m1',
      'm3 m1 m2',
    ]);
    expect(by('shuffle').split(' ').sort().join(' ')).to.equal('m1 m2 m3');
    expect(names(inventory.select('all'))).to.equal('m2 m1 m3');
  });

  it('grows by add_host and group_by, and says whether anything was new', () => {
    const inventory = new Inventory();
    expect(inventory.addHost('n1', ['new'], new Map([['x', 1]]))).to.equal(true);
    expect(inventory.addHost('n1', ['new'], new Map([['x', 1]]))).to.equal(false);
    expect(inventory.addHost('n1', ['new'], new Map([['x', 2]]))).to.equal(true);
    expect(inventory.addHost('n1', ['other'])).to.equal(true);
    expect(inventory.groupHost('n1', 'os_linux', ['os'])).to.equal(true);
    expect(inventory.groupHost('n1', 'os_linux', ['os'])).to.equal(false);
    expect(inventory.groupNames('n1')).to.deep.equal(['new', 'os', 'os_linux', 'other']);
    expect(names(inventory.select('os:&new'))).to.equal('n1');
    expect(inventory.groupsDict().get('ungrouped')).to.deep.equal([]);
    expect(() => inventory.groupHost('n2', 'x')).to.throw(AuthorError, 'the host `n2` is not in the inventory');
  });

  it('loads fifty thousand hosts in ten times what five thousand take', async function () {
    this.timeout(300_000);
    const small = await groups(50);
    // Quadratic, it would be a hundred times.
    expect((await groups(500)) / small).to.be.below(35);
  });

  /** The processor time, in microseconds, that an inventory of so many groups of a hundred hosts takes. */
  async function groups(count: number): Promise<number> {
    let text = '';
    for (let g = 0; g < count; g++) {
      text += `[g${g}]\n`;
      for (let h = 0; h < 100; h++) text += `h-${g}-${h} ansible_host=10.0.${g % 256}.${h} rack=r${g}\n`;
    }
    write('hosts', `${text}[big:children]\n${Array.from({ length: count }, (_, g) => `g${g}`).join('\n')}\n`);
    const before = process.cpuUsage();
    const inventory = await load(['hosts']);
    expect(inventory.select('big:!g1').length).to.equal(100 * (count - 1));
    expect(inventory.groupNames('h-7-7')).to.deep.equal(['big', 'g7']);
    const { user, system } = process.cpuUsage(before);
    return user + system;
  }
});
