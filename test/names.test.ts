/** Contracts 2, 4 and 5 of the design: nobody knows a module by its name, reads a message, or takes the name of an action apart. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { ownModules } from '../engine/modules/find.ts';
import { collectionOf, isBuiltin, otherNames, shortName } from '../engine/names.ts';
import { modulesNamed, namesTakenApart, proseRead } from './support/names.ts';

const engine = fileURLToPath(new URL('../engine/', import.meta.url));
const files = readdirSync(engine, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
const read = (path: string) => readFileSync(join(engine, path), 'utf8');
const modules = new Set([...ownModules().keys(), ...Object.keys(otherNames)]);

/** Errors of libraries and of the system come as words only. */
const WORDS_OF_OTHERS = [
  'yaml/complaints.ts',
  'yaml/parse.ts',
  'yaml/relax.ts',
  'inventory/patterns.ts',
  'template/index.ts',
  'python/regex/translate.ts',
  // What rsync prints is its message.
  'modules/files/synchronize.ts',
  'inventory/toml_source.ts',
  'remote/ssh/',
  'template/handlebars.ts',
  'modules/system/xml/xml-tree.ts',
  'reporters/',
];

describe('names', () => {
  it('run/, check/ and reporters/ know no module', () => {
    const rooms = files.filter((path) => /^(run|check|reporters)\//.test(path));
    expect(rooms.length).to.be.greaterThan(40);
    expect(rooms.flatMap((path) => modulesNamed(path, read(path), modules))).to.deep.equal([]);
  });

  it('of actions are taken apart nowhere', () => {
    expect(files.flatMap((path) => namesTakenApart(path, read(path)))).to.deep.equal([]);
  });

  it('of findings are codes: no code reads a message', () => {
    const ours = files.filter((path) => !WORDS_OF_OTHERS.some((other) => path.startsWith(other)));
    expect(ours.flatMap((path) => proseRead(path, read(path)))).to.deep.equal([]);
  });

  it('are short with and without their collection, and by every other name', () => {
    for (const name of ['copy', 'ansible.builtin.copy', 'ansible.legacy.copy'])
      expect(shortName(name)).to.equal('copy');
    expect(shortName('community.general.ufw')).to.equal('ufw');
    expect(shortName('community.general.system.ufw')).to.equal('ufw');
    expect(shortName('my.own.copy')).to.equal('my.own.copy');
    expect(shortName('ansible.builtin.systemd_service')).to.equal('systemd');
    for (const name of [
      'openssl_certificate',
      'ansible.builtin.openssl_certificate',
      'community.crypto.openssl_certificate',
    ])
      expect(shortName(name)).to.equal('x509_certificate');
    for (const name of Object.values(otherNames)) expect(ownModules().has(name), name).to.equal(true);
  });

  it('say their collection', () => {
    expect(collectionOf('copy')).to.equal(undefined);
    expect(collectionOf('my.own.copy')).to.equal('my.own');
    expect([isBuiltin('copy'), isBuiltin('ansible.builtin.copy'), isBuiltin('my.own.copy')]).to.deep.equal([
      true,
      true,
      false,
    ]);
  });
});

describe('the checker of names', () => {
  const known = new Set(['copy', 'debug', 'set_fact', 'setup']);

  it('sees modules by name, with a collection, and in expressions', () => {
    for (const text of [
      "if (definition.name === 'copy') x();",
      "const a = { action: 'ansible.builtin.setup' };",
      'if (/(^|\\.)set_fact$/.test(name)) x();',
    ])
      expect(modulesNamed('run/a.ts', text, known), text).to.have.length(1);
    expect(modulesNamed('run/a.ts', "// 'copy'\nconst strategy = 'debug';", known)).to.deep.equal([]);
  });

  it('sees names that are taken apart', () => {
    for (const text of [
      "task.action.endsWith('meta')",
      "task.action.replace('ansible.builtin.', '')",
      '/meta$/.test(task.action)',
      "action.split('.')",
    ])
      expect(namesTakenApart('run/a.ts', text), text).to.have.length(1);
    expect(namesTakenApart('run/a.ts', 'shortName(task.action); words.includes(action)')).to.deep.equal([]);
  });

  it('sees messages that are read', () => {
    for (const text of [
      '/needs the argument/.test(finding.message)',
      "f.message.startsWith('there is')",
      '/^unknown (filter)/.exec((error as Error).message)',
      "problem.message.includes('x')",
    ])
      expect(proseRead('check/a.ts', text), text).to.have.length(1);
    expect(proseRead('check/a.ts', 'report({ message: x.message }); log(error.message);')).to.deep.equal([]);
  });
});
