import { expect } from 'chai';
import { wantsColors } from '../../engine/cli/colors.ts';
import { readExtraVars } from '../../engine/cli/options/extra_vars.ts';
import { type Option, optionsHelp, optionsMarkdown, parseOptions } from '../../engine/cli/options/option_table.ts';
import { moduleOptions, playOptions } from '../../engine/cli/options/play_options.ts';
import { UsageError } from '../../engine/errors.ts';
import { Source, Template, toPlain } from '../../engine/values.ts';

const parse = (...args: string[]) => parseOptions(args, playOptions);

function refusal(...args: string[]): string {
  try {
    parse(...args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return `${error.message}${error.help ? `; ${error.help}` : ''}`;
  }
  throw new Error(`${args.join(' ')} was taken`);
}

describe('options', () => {
  it('are read in any order, with values apart or attached', () => {
    const given = parse('-i', 'a', 'site.yaml', '-ib', '--inventory=c', '--limit', 'web', '-f5', '-e', 'x=1');
    expect(given.words).to.deep.equal(['site.yaml']);
    expect(given.all('inventory')).to.deep.equal(['a', 'b', 'c']);
    expect(given.get('limit')).to.equal('web');
    expect(given.number('forks', 1)).to.equal(5);
    expect(given.get('extra-vars')).to.equal('x=1');
  });

  it('may be joined when they are switches, the last with a value', () => {
    const given = parse('-vvv', '-bKu', 'admin', '-CD');
    expect(given.count('verbose')).to.equal(3);
    for (const name of ['become', 'ask-become-pass', 'check', 'diff']) expect(given.has(name), name).to.equal(true);
    expect(given.get('user')).to.equal('admin');
  });

  it('end at --, and a lone - is a word', () => {
    expect(parse('-C', '--', '-v', 'x').words).to.deep.equal(['-v', 'x']);
    expect(parse('-').words).to.deep.equal(['-']);
  });

  it('may be shortened while they are clear, and have their other names', () => {
    expect(parse('--lim', 'x').get('limit')).to.equal('x');
    expect(parse('--key-file', 'k').get('private-key')).to.equal('k');
    expect(parse('--list-tas').has('list-tasks')).to.equal(true);
    expect(refusal('--list-t')).to.equal('`--list-t` could be any of `--list-tasks`, `--list-tags`');
  });

  it('that are wrong are explained', () => {
    expect(refusal('--chekc')).to.equal('there is no option `--chekc`; did you mean `--check`?');
    expect(refusal('-y')).to.equal('there is no option `-y`; see `run --help`');
    expect(refusal('-i')).to.match(/^`-i, --inventory` needs a value: FILE\|HOSTS,/);
    expect(refusal('--check=yes')).to.equal('`--check` takes no value');
    expect(refusal('--sftp-extra-args', 'x')).to.match(/is not supported; files travel over/);
    expect(() => parse('-f', 'many').number('forks', 1)).to.throw('--forks needs a whole number of at least 1');
    expect(() => parse('-f', '0').number('forks', 1)).to.throw(UsageError);
  });

  it('include every one of ansible-playbook', () => {
    // Of `ansible-playbook --help`, ansible-core 2.19.
    const theirs =
      '--ask-become-pass --ask-pass --ask-vault-pass --ask-vault-password --become --become-method --become-pass-file ' +
      '--become-password-file --become-user --check --conn-pass-file --connection --connection-password-file --diff ' +
      '--extra-vars --flush-cache --force-handlers --forks --help --inventory --inventory-file --key-file --limit ' +
      '--list-hosts --list-tags --list-tasks --module-path --private-key --scp-extra-args --sftp-extra-args --skip-tags ' +
      '--ssh-common-args --ssh-extra-args --start-at-task --step --syntax-check --tags --timeout --user --vault-id ' +
      '--vault-pass-file --vault-password-file --verbose --version';
    const short = 'b C c D e f h i J K k l M T t u v';
    const names = playOptions.flatMap((option) => [option.name, ...(option.also ?? [])]);
    for (const name of theirs.split(' ')) expect(names, name).to.include(name.slice(2));
    const letters = playOptions.map((option) => option.short);
    for (const letter of short.split(' ')) expect(letters, letter).to.include(letter);
  });

  it('have names and letters that no other has', () => {
    for (const table of [playOptions, moduleOptions] as (readonly Option[])[]) {
      const all = table.flatMap((o) => [o.name, ...(o.also ?? []), ...(o.short ? [o.short] : [])]);
      expect(all.filter((name, i) => all.indexOf(name) !== i)).to.deep.equal([]);
    }
  });

  it('are all in the help, within the width', () => {
    const help = optionsHelp(playOptions, 80);
    for (const option of playOptions) expect(help.includes(`--${option.name}`), option.name).to.equal(!option.refused);
    for (const line of help.split('\n')) expect(line.length, line).to.be.at.most(80);
  });

  it('make a table of which no cell ends early', () => {
    const rows = optionsMarkdown(playOptions)
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.length).to.be.greaterThan(40);
    for (const row of rows) expect(row.split(/(?<!\\)\|/), row).to.have.length(4);
  });
});

describe('extra variables', () => {
  const files: Record<string, string> = { 'v.yml': 'a: 2\nt: "{{ x }}"\n', 'l.yml': '- 1\n' };
  const read = (...given: string[]) => readExtraVars(given, (path) => new Source(path, files[path]!));

  it('come as pairs, JSON, YAML or files, later ones over earlier', () => {
    expect(toPlain(read('a=1 b="two words"', '{"c": [1]}', '@v.yml'))).to.deep.equal({
      a: 2,
      b: 'two words',
      c: [1],
      t: '{{ x }}',
    });
    expect(toPlain(read('a=1'))).to.deep.equal({ a: '1' });
  });

  it('are data unless they come from a file of the project', () => {
    expect(read('a={{x}}').get('a')).to.equal('{{x}}');
    expect(read('{"a": "{{x}}"}').get('a')).to.equal('{{x}}');
    expect(read('@v.yml').get('t')).to.be.instanceOf(Template);
  });

  it('that are no pairs are refused', () => {
    expect(() => read('nonsense')).to.throw('is not of the form key=value');
    expect(() => read('@l.yml')).to.throw('must hold names and values');
  });
});

describe('colours', () => {
  it('are used on a terminal that has them, unless somebody says no', () => {
    expect(wantsColors([], { TERM: 'xterm' }, true)).to.equal(true);
    expect(wantsColors([], { TERM: 'xterm' }, false)).to.equal(false);
    expect(wantsColors([], { TERM: 'dumb' }, true)).to.equal(false);
    expect(wantsColors([], { NO_COLOR: '1' }, true)).to.equal(false);
    expect(wantsColors([], { NO_COLOR: '' }, true)).to.equal(true);
    expect(wantsColors(['--no-color'], { FORCE_COLOR: '1' }, true)).to.equal(false);
    expect(wantsColors(['--', '--no-color'], {}, true)).to.equal(true);
    expect(wantsColors([], { FORCE_COLOR: '1' }, false)).to.equal(true);
    expect(wantsColors([], { FORCE_COLOR: '0' }, false)).to.equal(false);
    expect(wantsColors([], { NO_COLOR: '1', FORCE_COLOR: '1' }, true)).to.equal(false);
  });
});
