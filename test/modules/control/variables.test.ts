import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { ModuleFailure } from '../../../engine/errors.ts';
import includeVars from '../../../engine/modules/control/include_vars.ts';
import setFact from '../../../engine/modules/control/set_fact.ts';
import setStats from '../../../engine/modules/control/set_stats.ts';
import type { ModuleEnv } from '../../../engine/modules/define.ts';
import { Template, type Value } from '../../../engine/values.ts';
import { attempt, failure, folder, values } from './support.ts';

describe('module set_fact', () => {
  it('returns the facts and asks the run to set them', async () => {
    const { result } = await attempt(setFact, { x: 'yes', n: [1], cacheable: 'yes' });
    expect(result.changed).to.equal(false);
    const [effect] = result.effects!;
    expect(effect).to.deep.equal({
      type: 'set_fact',
      values: new Map<Value, Value>([
        ['x', 'yes'],
        ['n', [1]],
      ]),
      cacheable: true,
    });
    expect(await values(setFact, { x: 'yes' })).to.deep.equal({ ansible_facts: { x: 'yes' } });
  });

  it('renders a name, once', async () => {
    const written = new Map<Value, Value>([[new Template('{{ name }}', undefined), 3]]);
    expect(await values(setFact, written, { name: 'dyn' })).to.deep.equal({ ansible_facts: { dyn: 3 } });
  });

  it('refuses names that no template could use', async () => {
    for (const name of ['a-b', '1a', 'a b', 'True', 'é'])
      expect((await failure(setFact, { [name]: 1 }))['msg'], name).to.match(/^Invalid variable name/);
    expect((await failure(setFact, {}))['msg']).to.match(/^No key\/value pairs provided/);
    expect((await failure(setFact, { cacheable: true }))['msg']).to.match(/^No key\/value pairs provided/);
  });
});

describe('module set_stats', () => {
  it('returns what ansible returns and asks the run to apply it', async () => {
    const { result } = await attempt(setStats, { data: { q: 1 } });
    expect(await values(setStats, { data: { q: 1 } })).to.deep.equal({
      ansible_stats: { aggregate: true, data: { q: 1 }, per_host: false },
    });
    expect(result.effects).to.deep.equal([
      { type: 'set_stats', values: new Map([['q', 1]]), perHost: false, aggregate: true },
    ]);
    expect((await failure(setStats, { data: { 'a-b': 1 } }))['msg']).to.match(/^Invalid variable name/);
  });
});

describe('module include_vars', () => {
  const place = folder();
  const at = (name: string) => join(place.path, name);
  const files: ModuleEnv['files'] = {
    find: (name) => {
      if (/nosuch/.test(name)) throw new ModuleFailure(`Could not find or access '${name}'`);
      return at(name);
    },
    read: () => Promise.reject(new Error('not used')),
    resolve: (name) => name,
  };
  const run = (args: Record<string, unknown>, variables = {}) => values(includeVars, args, variables, { files });
  const fails = (args: Record<string, unknown>) => failure(includeVars, args, {}, { files });

  before(() => {
    mkdirSync(at('vd/sub'), { recursive: true });
    writeFileSync(at('vd/a.yml'), 'va: 1\n');
    writeFileSync(at('vd/b.json'), '{"va": 3}\n');
    writeFileSync(at('vd/skip.yml'), 'vb: 2\n');
    writeFileSync(at('vd/list.yml'), '- 1\n');
    writeFileSync(at('vd/notes.txt'), 'x\n');
    writeFileSync(at('vd/sub/c.yml'), 'vc: {x: 1}\n');
    writeFileSync(at('secret.yml'), '$ANSIBLE_VAULT;1.1;AES256\n3030\n');
  });
  after(() => place.remove());

  it('reads a file', async () => {
    expect(await run({ file: 'vd/a.yml' })).to.deep.equal({
      ansible_facts: { va: 1 },
      ansible_included_var_files: [at('vd/a.yml')],
    });
    expect(await run({ file: 'vd/a.yml', name: 'nm' })).to.deep.include({ ansible_facts: { nm: { va: 1 } } });
  });

  it('reads a folder in order, later files over earlier', async () => {
    expect(
      await run({ dir: 'vd', ignore_unknown_extensions: true, ignore_files: ['list.yml'], name: 'n3' }),
    ).to.deep.equal({
      ansible_facts: { n3: { va: 3, vb: 2, vc: { x: 1 } } },
      ansible_included_var_files: [at('vd/a.yml'), at('vd/b.json'), at('vd/skip.yml'), at('vd/sub/c.yml')],
    });
    expect(await run({ dir: 'vd', files_matching: '^a' })).to.deep.include({ ansible_facts: { va: 1 } });
    expect(await run({ dir: 'vd', files_matching: 'yml$', ignore_files: ['list.yml'], depth: 1 })).to.deep.include({
      ansible_facts: { va: 1, vb: 2 },
    });
  });

  it('stops at a file that is none of variables, and tells which were read', async () => {
    expect(await fails({ dir: 'vd', extensions: ['yml'] })).to.deep.include({
      ansible_facts: {},
      ansible_included_var_files: [at('vd/a.yml')],
    });
    expect((await fails({ dir: 'vd', extensions: ['yml'] }))['msg']).to.match(
      /b\.json does not have a valid extension: yml/,
    );
    expect((await fails({ file: 'vd/list.yml' }))['message']).to.equal(
      `${at('vd/list.yml')} must be stored as a dictionary/hash`,
    );
    expect((await fails({ file: 'nosuch.yml' }))['msg']).to.match(/^Could not find/);
    expect((await fails({ dir: 'vd', files_matching: '[' }))['msg']).to.equal('Invalid regular expression: [');
    expect((await fails({}))['msg']).to.match(/^Could not find file.*one of `file`, `dir` is required$/);
  });

  it('merges with what is defined, when asked', async () => {
    const defined = { vc: { x: 0, y: [1] } };
    expect(await run({ file: 'vd/sub/c.yml', hash_behaviour: 'merge' }, defined)).to.deep.include({
      ansible_facts: { vc: { x: 1, y: [1] } },
    });
    expect(await run({ file: 'vd/sub/c.yml' }, defined)).to.deep.include({ ansible_facts: { vc: { x: 1 } } });
  });
});
