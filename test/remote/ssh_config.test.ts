import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { readSshArgs } from '../../engine/remote/ssh/args.ts';
import { matchList, matchPattern, resolveConfig, splitWords } from '../../engine/remote/ssh/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'troupe-config-'));
const file = join(folder, 'config');
const source = { home: userInfo().homedir, localUser: userInfo().username, userFile: file };

/** What both print: `ssh -G`'s words for the options that we have. */
const KEYS = [
  'hostname',
  'port',
  'user',
  'proxyjump',
  'proxycommand',
  'identityfile',
  'identitiesonly',
  'identityagent',
  'userknownhostsfile',
  'globalknownhostsfile',
  'stricthostkeychecking',
  'hostkeyalias',
  'connecttimeout',
  'serveraliveinterval',
  'serveralivecountmax',
  'hashknownhosts',
  'preferredauthentications',
];
/** What ssh says where nothing is set; we leave it unset. */
const DEFAULTS = new Set([
  'port 22',
  `user ${userInfo().username}`,
  'identitiesonly no',
  'identityagent SSH_AUTH_SOCK',
  'stricthostkeychecking ask',
  'connecttimeout none',
  'serveraliveinterval 0',
  'serveralivecountmax 3',
  'hashknownhosts no',
  'userknownhostsfile ~/.ssh/known_hosts ~/.ssh/known_hosts2',
  'globalknownhostsfile /etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
]);

/** ssh prints yes and no as true and false for some, and expands the home folder for others. */
function normal(line: string): string {
  return line
    .replace(/ true$/, ' yes')
    .replace(/ (false|off)$/, ' no')
    .replaceAll(`${userInfo().homedir}/`, '~/');
}

function reference(host: string, options: string[]): string[] {
  const text = execFileSync('ssh', ['-G', '-F', file, ...options, host], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines = text.split('\n').filter((line) => KEYS.includes(line.split(' ')[0]!));
  const usual = /^identityfile ~\/\.ssh\/(id_rsa|id_ecdsa|id_ecdsa_sk|id_ed25519|id_ed25519_sk|id_xmss|id_dsa)$/;
  const kept = lines.map(normal).filter((line) => !DEFAULTS.has(line) && !usual.test(line));
  return kept.sort();
}

function ours(host: string, options: string[]): string[] {
  const args = readSshArgs(options.map((one) => `'${one}'`).join(' '));
  const config = resolveConfig(host, args.options, source);
  const lines: string[] = [`hostname ${config.hostName}`, `port ${config.port}`, `user ${config.user}`];
  for (const key of KEYS.slice(3)) {
    const values = config.values.get(key);
    if (!values || config.get(key) === undefined) continue;
    if (key === 'identityfile') for (const value of values) lines.push(`${key} ${value}`);
    else lines.push(`${key} ${values.join(' ')}`);
  }
  return lines
    .map(normal)
    .filter((line) => !DEFAULTS.has(line))
    .sort();
}

const CASES: Array<{ what: string; config: string; hosts: string[]; options?: string[] }> = [
  {
    what: 'the first value counts',
    config: 'Host web\n  Port 2022\n  User one\nHost *\n  Port 22022\n  User two\n  ConnectTimeout 7\n',
    hosts: ['web', 'db'],
  },
  {
    what: 'patterns, negation',
    config: 'Host web? !web9 *.example.com\n  User web\nHost !x *\n  Port 2200\nHost 10.0.*.1\n  User ten\n',
    hosts: ['web1', 'web9', 'web10', 'a.example.com', 'example.com', 'x', '10.0.3.1'],
  },
  {
    what: 'HostName with %h, upper case',
    config: 'Host short\n  HostName %h.Example.COM\nHost pct\n  HostName a%%b\n',
    hosts: ['short', 'pct', 'UPPER'],
  },
  {
    what: 'equal signs, quotes, comments, odd spacing',
    config:
      '# comment\nHost=web\n  Port = 2022\n\tUser="some one"\n   IdentityFile "~/my keys/id_1" # why\n  identityfile=~/.ssh/two\nHost db "c d"\nUser \'single\'\n',
    hosts: ['web', 'db'],
  },
  {
    what: 'several identities and their tokens stay as written',
    config:
      'IdentityFile ~/.ssh/%h-%r\nHost web\n  IdentityFile /keys/%p\n  IdentitiesOnly yes\nHost *\n  IdentityFile ~/.ssh/last\n',
    hosts: ['web', 'db'],
  },
  {
    what: 'Match host, originalhost, user, all, negated',
    config:
      'Host alias\n  HostName real.example.com\nMatch host real.*\n  User real\nMatch originalhost alias\n  Port 2201\nMatch user real !host other\n  ConnectTimeout 3\nMatch !originalhost alias\n  Port 2202\nMatch user nobody,root host *.x\n  ServerAliveInterval 9\nMatch all\n  HashKnownHosts yes\n',
    hosts: ['alias', 'real.example.com', 'other', 'a.x'],
  },
  {
    what: 'Match localuser and lists with negation',
    config: `Match localuser ${userInfo().username}\n  Port 2203\nMatch localuser someone-else\n  User no\nMatch host *,!b*\n  User not-b\n`,
    hosts: ['a', 'b1'],
  },
  {
    what: 'Match final',
    config: 'Host a\n  HostName b\nMatch final host b\n  User final\nMatch canonical\n  Port 99\n',
    hosts: ['a', 'c'],
  },
  {
    what: 'ProxyJump, lists, none, and ProxyCommand: the first of the two counts',
    config:
      'Host one\n  ProxyJump bastion\n  ProxyCommand nc %h %p\nHost two\n  ProxyCommand ssh -W [%h]:%p gate # not a comment\n  ProxyJump bastion\nHost three\n  ProxyJump u@a:2222,b\nHost four\n  ProxyJump none\nHost five\n  ProxyCommand none\nHost *\n  ProxyJump all\n',
    hosts: ['one', 'two', 'three', 'four', 'five', 'six'],
  },
  {
    what: 'known hosts and host keys',
    config:
      'Host a\n  UserKnownHostsFile ~/.ssh/known_a /etc/known_b\n  GlobalKnownHostsFile /etc/ssh/known\n  HostKeyAlias the-alias\n  StrictHostKeyChecking accept-new\nHost b\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\nHost c\n  StrictHostKeyChecking yes\n',
    hosts: ['a', 'b', 'c'],
  },
  {
    what: 'agent and keep-alive',
    config:
      'Host a\n  IdentityAgent none\nHost b\n  IdentityAgent ~/agent.sock\n  ServerAliveInterval 30\n  ServerAliveCountMax 5\n',
    hosts: ['b'],
  },
  {
    what: 'Include: relative, patterns, inside a block, nested; blocks in it end with it',
    config: `Host web\n  Include ${folder}/inc/*.conf\n  Port 2022\nInclude ${folder}/none/*\nHost *\n  Include ${folder}/inc/nested\n  ConnectTimeout 4\n`,
    hosts: ['web', 'db', 'inner'],
  },
  {
    what: 'the command line counts before the file',
    config: 'Host *\n  Port 1\n  User file\n  ProxyJump file\n',
    hosts: ['web'],
    options: [
      '-p',
      '2',
      '-l',
      'line',
      '-o',
      'ConnectTimeout=5',
      '-oStrictHostKeyChecking=no',
      '-o',
      'UserKnownHostsFile=/dev/null',
      '-J',
      'none',
    ],
  },
  {
    what: 'the command line: options with a space, an identity, a jump',
    config: 'Host *\n  IdentityFile ~/.ssh/file\n',
    hosts: ['web'],
    options: ['-o', 'ServerAliveInterval 11', '-i', file, '-J', 'a,b:22'],
  },
];

describe('ssh configuration, compared with ssh -G', () => {
  before(() => {
    mkdirSync(join(folder, 'inc'));
    writeFileSync(join(folder, 'inc/1.conf'), 'User first\nHost inner\n  User inner\n');
    writeFileSync(join(folder, 'inc/2.conf'), 'User second\nServerAliveInterval 5\n');
    writeFileSync(join(folder, 'inc/nested'), `Include ${folder}/inc/deep\nHost db\n  User nested\n`);
    writeFileSync(join(folder, 'inc/deep'), 'HashKnownHosts yes\n');
  });
  after(() => rmSync(folder, { recursive: true }));

  for (const { what, config, hosts, options = [] } of CASES) {
    it(what, function () {
      if (!existsSync('/usr/bin/ssh')) return this.skip();
      writeFileSync(file, config);
      for (const host of hosts) expect(ours(host, options), host).to.deep.equal(reference(host, options));
    });
  }

  it('Match exec is not run, and said', () => {
    writeFileSync(file, `Match exec "touch ${folder}/ran"\n  User x\n`);
    const config = resolveConfig('a', [], source);
    expect(config.get('user')).to.equal(undefined);
    expect(config.notes.join()).to.contain('Match exec');
    expect(existsSync(join(folder, 'ran'))).to.equal(false);
  });

  it('tokens and variables in paths', () => {
    writeFileSync(
      file,
      'Host a\n  HostName b\n  User u\n  Port 5\n  IdentityFile ~/.ssh/%h_%r_%p_%n_%%_${DIR}\n  UserKnownHostsFile ~/x none\n',
    );
    const config = resolveConfig('a', [], { ...source, home: '/home/me', environment: { DIR: 'd' } });
    expect(config.paths('identityfile')).to.deep.equal(['/home/me/.ssh/b_u_5_a_%_d']);
    expect(config.paths('userknownhostsfile')).to.deep.equal(['/home/me/x']);
    expect(config.expand('nc %h %p')).to.equal('nc b 5');
  });

  it('no file is no configuration', () => {
    const config = resolveConfig('a', [], { ...source, userFile: '/no/such/file' });
    expect([config.hostName, config.port, config.user]).to.deep.equal(['a', 22, source.localUser]);
  });
});

describe('ssh arguments', () => {
  it('what has a meaning is an option', () => {
    const { options, warnings } = readSshArgs(
      `-o ProxyCommand="ssh -W %h:%p -q bastion" -o 'IdentityFile="/a b"' -p2022 -4 -o ControlMaster=auto -o ControlPersist=60s -C -vvv -F /x`,
    );
    expect(options).to.deep.equal([
      ['proxycommand', 'ssh -W %h:%p -q bastion'],
      ['identityfile', '/a b'],
      ['port', '2022'],
    ]);
    expect(warnings).to.deep.equal([]);
  });

  it('what has none is a warning', () => {
    const { options, warnings, stray } = readSshArgs('-A -o Tunnel=yes -L 80:a:80 stray -o -i');
    expect(options).to.deep.equal([]);
    expect(stray).to.equal('stray');
    expect(warnings.map((text) => text.replace('ssh arguments: ', ''))).to.deep.equal([
      '-A has no meaning here',
      '-o Tunnel=yes has no meaning here',
      '-L 80:a:80 has no meaning here',
      '-o -i has no meaning here',
    ]);
  });
});

describe('patterns', () => {
  it('* and ?, all else literal', () => {
    expect(matchPattern('a.b', 'a?b')).to.equal(true);
    expect(matchPattern('aXb', 'a.b')).to.equal(false);
    expect(matchPattern('[h]:22', '[h]:*')).to.equal(true);
    expect(matchList('b', 'a,!b,*')).to.equal(false);
    expect(matchList('c', '!b')).to.equal(false);
    expect(matchList('c', '!b,*')).to.equal(true);
  });

  it('words', () => {
    expect(splitWords(`a "b c" 'd "e' f\\"g h#i # j`)).to.deep.equal(['a', 'b c', 'd "e', 'f"g', 'h#i']);
  });
});
