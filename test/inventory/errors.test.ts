import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AuthorError, describe as show } from '../../engine/errors.ts';
import { loadInventory } from '../../engine/inventory/index.ts';

let folder: string;

/** What the user sees for an inventory of this text, the folder's path left out. */
async function complaint(name: string, text: string, pattern?: string): Promise<string> {
  writeFileSync(join(folder, name), text);
  if (text.startsWith('#!')) chmodSync(join(folder, name), 0o755);
  const plain = (finding: Parameters<typeof show>[0]): string => show(finding).replaceAll(`${folder}/`, '');
  try {
    const inventory = await loadInventory([name], { cwd: folder });
    if (pattern) inventory.select(pattern);
    return inventory.warnings.map(plain).join('\n');
  } catch (error) {
    if (error instanceof AuthorError) return plain(error.findings[0]!);
    throw error;
  }
}

const INI: [name: string, text: string, expected: string][] = [
  [
    'a space in a section header',
    '[web servers]\na\n',
    "error: `[web servers]` is not a valid section header\n --> hosts:1:5\n1 | [web servers]\n  |     ^\nhelp: a group's name holds no spaces: [web_servers]",
  ],
  [
    'a header without its bracket',
    '[web\na\n',
    'error: this section header has no closing `]`\n --> hosts:1:5\n1 | [web\n  |     ^\nhelp: write [group], [group:children] or [group:vars]',
  ],
  [
    'an unknown kind of section',
    '[web:childern]\na\n',
    'error: `[web:childern]` is not a kind of section\n --> hosts:1:6\n1 | [web:childern]\n  |      ^\nhelp: did you mean `children`?',
  ],
  [
    'children that nobody defines',
    '[web]\na\n[all_sites:children]\nwbe\n',
    'error: `[all_sites:children]` lists the group `wbe`, which is defined nowhere\n --> hosts:4:1\n4 | wbe\n  | ^\nhelp: did you mean `web`?',
  ],
  [
    'variables for a group that nobody defines',
    '[web]\na\n[database:vars]\nx=1\n',
    'error: `[database:vars]` is for the group `database`, which is defined nowhere\n --> hosts:3:2\n3 | [database:vars]\n  |  ^\nhelp: define it with a line [database]',
  ],
  [
    'a host among variables',
    '[web:vars]\nx=1\nhost1\n[web]\n',
    'error: expected key=value, and found `host1`\n --> hosts:3:1\n3 | host1\n  | ^\nhelp: hosts stand under [web], variables under [web:vars]',
  ],
  [
    'a value with a space',
    'a greeting=hello world\n',
    'error: expected key=value behind the host\'s name, and found `world`\n --> hosts:1:18\n1 | a greeting=hello world\n  |                  ^\nhelp: quote a value that holds spaces: key="a b"; one host stands on a line',
  ],
  [
    'spaces around the equals sign',
    'a port = 22\n',
    "error: expected key=value behind the host's name, and found `port`\n --> hosts:1:3\n1 | a port = 22\n  |   ^\nhelp: there is no space around the `=`: key=value",
  ],
  [
    'a quote that is never closed',
    'a msg="hello\n',
    'error: the quote " is never closed on this line\n --> hosts:1:7\n1 | a msg="hello\n  |       ^\nhelp: close it; an apostrophe in a value is written \'"\'',
  ],
  [
    'a range that runs backwards',
    'web[5:1]\n',
    'error: the range `[5:1]` in `web[5:1]` runs backwards\n --> hosts:1:1\n1 | web[5:1]\n  | ^\nhelp: a host range is [begin:end] or [begin:end:step], with numbers or single letters: [01:20], [a:f]',
  ],
  [
    'leading zeros on one side of a range only',
    'web[01:100]\n',
    'error: begin and end of `[01:100]` in `web[01:100]` differ in length, but the begin has leading zeros\n --> hosts:1:1\n1 | web[01:100]\n  | ^\nhelp: a host range is [begin:end] or [begin:end:step], with numbers or single letters: [01:20], [a:f]',
  ],
  [
    'a range of words',
    'web[one:two]\n',
    'error: the range `[one:two]` in `web[one:two]` is neither of numbers nor of letters\n --> hosts:1:1\n1 | web[one:two]\n  | ^\nhelp: a host range is [begin:end] or [begin:end:step], with numbers or single letters: [01:20], [a:f]',
  ],
  [
    'a group that contains itself',
    '[a:children]\nb\n[b:children]\na\n',
    "error: the group `a` can't be a child of `b`: it contains that group\n --> hosts:4:1\n4 | a\n  | ^",
  ],
];

const YAML: [name: string, text: string, expected: string][] = [
  [
    'hosts as a list',
    'all:\n  hosts:\n    - a\n    - b\n',
    'error: `hosts` of the group `all` must be a mapping, and is a list\n --> hosts.yml:3:5\n3 |     - a\n  |     ^\nhelp: write each name on a line of its own with a colon behind it, without `- `',
  ],
  [
    'a group directly below a group',
    'all:\n  web:\n    hosts: {a: }\n',
    'warning: `web` in the group `all` is ignored: a group has only `hosts`, `children` and `vars`\n --> hosts.yml:2:3\n2 |   web:\n  |   ^\nhelp: a host stands under `hosts:`, a group under `children:`, a variable under `vars:`',
  ],
  [
    'a misspelt part',
    'all:\n  childern:\n    web:\n',
    'warning: `childern` in the group `all` is ignored: a group has only `hosts`, `children` and `vars`\n --> hosts.yml:2:3\n2 |   childern:\n  |   ^\nhelp: did you mean `children`?',
  ],
  [
    'a list at the top',
    '- a\n- b\n',
    'error: a YAML inventory is a mapping of groups\n --> hosts.yml:1:1\n1 | - a\n  | ^\nhelp: begin with `all:`, and below it `hosts:`, `children:` or `vars:`',
  ],
  [
    'a value in place of variables',
    'all:\n  hosts:\n    a: 10.0.0.1\n',
    'error: the variables of the host `a` must be a mapping\n --> hosts.yml:3:8\n3 |     a: 10.0.0.1\n  |        ^\nhelp: write them as `name: value` lines below the host, indented deeper',
  ],
  [
    'an unknown plugin',
    'plugin: amazon.aws.aws_ec2\n',
    'error: the inventory plugin `amazon.aws.aws_ec2` is not supported\n --> hosts.yml:1:9\n1 | plugin: amazon.aws.aws_ec2\n  |         ^\nhelp: an executable inventory can stand in for any other',
  ],
  [
    'one name for a host and a group',
    'web:\n  hosts: {web: }\n',
    'warning: `web` is the name of both a group and a host\nhelp: a pattern with this name means the host; rename one of the two',
  ],
];

const PROGRAMS: [name: string, text: string, expected: RegExp][] = [
  [
    'a program that fails',
    '#!/bin/sh\necho "no such region" >&2\nexit 3\n',
    /^error: the inventory program `run.sh --list` ended with 3:\nno such region\nhelp: if the file is not a program/,
  ],
  [
    'a program that prints no JSON',
    '#!/bin/sh\necho hello\n',
    /^error: expected a value in this JSON, and found `h`\n --> output of run.sh --list:1:1\n1 \| hello\n {2}\| \^\nhelp: `run.sh --list` must print JSON$/,
  ],
  ['a program that prints a list', '#!/bin/sh\necho "[1]"\n', /must print a JSON object/],
  [
    'hosts that are no list',
    '#!/bin/sh\necho \'{"g": {"hosts": "a"}}\'\n',
    /gives `hosts` of the group `g` as something other than a list/,
  ],
  [
    'a template in the output',
    '#!/bin/sh\necho \'{"g": {"hosts": ["a"], "vars": {"x": "{{ y }}"}}, "_meta": {"hostvars": {}}}\'\n',
    /^warning: the inventory program `run.sh` gives a value with template marks \(`\{\{ y \}\}`\): it stays literal text/,
  ],
];

describe('inventory mistakes', () => {
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'inventory-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  for (const [name, text, expected] of INI) {
    it(`ini: ${name}`, async () => expect(await complaint('hosts', text)).to.equal(expected));
  }
  for (const [name, text, expected] of YAML) {
    it(`YAML: ${name}`, async () => expect(await complaint('hosts.yml', text)).to.equal(expected));
  }
  for (const [name, text, expected] of PROGRAMS) {
    it(`program: ${name}`, async () => expect(await complaint('run.sh', text)).to.match(expected));
  }

  it('YAML in a file named .ini', async () => {
    expect(await complaint('hosts.ini', 'all:\n  hosts:\n    a:\n')).to.equal(
      'error: `all:` looks like YAML, but is read as an ini inventory\n --> hosts.ini:1:1\n1 | all:\n  | ^\nhelp: give the file a name that ends in .yml or .yaml; in ini a group is [name]',
    );
  });

  it('a program that is not executable', async () => {
    writeFileSync(join(folder, 'prog.py'), '#!/usr/bin/env python3\nimport json\n');
    const error = await loadInventory(['prog.py'], { cwd: folder }).catch((e: unknown) => e);
    expect((error as AuthorError).findings[0]!.help).to.equal('make it so: chmod +x prog.py');
  });

  it('a file that is not there', async () => {
    const error = await loadInventory(['nope'], { cwd: folder }).catch((e: unknown) => e);
    expect((error as AuthorError).findings[0]!.message).to.equal(`the inventory \`${folder}/nope\` does not exist`);
  });

  it('a source of the settings that is not there, or fails, is a warning, and the others are read', async () => {
    writeFileSync(join(folder, 'kept.ini'), 'a\n');
    writeFileSync(join(folder, 'fails.sh'), '#!/bin/sh\nexit 3\n');
    chmodSync(join(folder, 'fails.sh'), 0o755);
    const inventory = await loadInventory(['nope', 'fails.sh', 'kept.ini'], { cwd: folder, lenient: true });
    expect([...inventory.hosts.keys()]).to.deep.equal(['a']);
    expect(inventory.warnings.map(({ message }) => message.replaceAll(`${folder}/`, ''))).to.deep.equal([
      'the inventory `nope` does not exist',
      'the inventory program `fails.sh --list` ended with 3',
    ]);
  });

  const patterns: [pattern: string, expected: string][] = [
    ['wbe', 'warning: no host or group matches the pattern `wbe`\nhelp: did you mean `web`?'],
    [
      'nothing-like-it',
      'warning: no host or group matches the pattern `nothing-like-it`\nhelp: the groups are: web, db',
    ],
    ['web[5]', 'error: `web[5]` asks for host number 5, but `web` has only 2 hosts\nhelp: counting begins at 0'],
    [
      '~web(',
      'error: the pattern `~web(` is not a valid regular expression: missing ), unterminated subpattern at position 3',
    ],
    ['@missing', 'warning: no host or group matches the pattern `@missing`\nhelp: the groups are: web, db'],
  ];
  for (const [pattern, expected] of patterns) {
    it(`pattern: ${pattern}`, async () => {
      expect(await complaint('hosts', '[web]\na\nb\n[db]\nc\n', pattern)).to.equal(expected);
    });
  }
});
