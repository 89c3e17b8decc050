#!/usr/bin/env node
// Labs by hand: up, down, list, exec.
import { parseArgs } from 'node:util';
import { LabUnavailable, listLabs, openLab, startLab, stopLab, sweepLabs } from './lab.mjs';
import { startMirror } from './mirror.mjs';

const usage = `usage: node test/lab/cli.mjs up --name NAME [--hosts 3] [--image plain|python|busybox]
       node test/lab/cli.mjs down NAME... | --all
       node test/lab/cli.mjs mirror NAME
       node test/lab/cli.mjs list | sweep
       node test/lab/cli.mjs exec NAME HOST [--user USER] COMMAND`;

const print = (text) => process.stdout.write(`${text}\n`);

const commands = {
  async up({ values }) {
    const lab = await startLab({
      name: values.name ?? 'lab',
      hosts: Number(values.hosts),
      image: values.image,
      detached: true,
    });
    for (const host of lab.hosts) print(`${host.name} ${host.address} ${host.fqdn}`);
    print(`key         ${lab.keyFile}\nknown_hosts ${lab.knownHostsFile}\ninventory   ${lab.inventoryFile}`);
    return 0;
  },

  async down({ positionals, values }) {
    const names = values.all ? listLabs().map((lab) => lab.name) : positionals;
    if (names.length === 0 && !values.all) throw new Error(usage);
    const unknown = names.filter((name) => !stopLab(name));
    if (unknown.length > 0) throw new Error(`no such lab: ${unknown.join(', ')}`);
    return 0;
  },

  async mirror({ positionals: [name] }) {
    const lab = openLab(name ?? '');
    if (!lab) throw new Error(name ? `no lab called ${name} is up` : usage);
    const { url, sums, caFile } = await startMirror(lab);
    print(`url ${url}\nca  ${caFile}`);
    for (const [version, sum] of Object.entries(sums)) print(`v${version} ${sum}`);
    return 0;
  },

  async sweep() {
    await sweepLabs();
    return 0;
  },

  async list() {
    for (const lab of listLabs()) {
      const owner = lab.owner ? `process ${lab.owner.pid}` : 'detached';
      print(
        `${lab.name} ${lab.image} ${lab.up ? 'up' : 'not up'} ${owner} ${lab.hosts.map((host) => host.address).join(' ')}`,
      );
    }
    return 0;
  },

  async exec({ positionals: [name, host, ...command], values }) {
    const lab = openLab(name ?? '');
    if (!lab || command.length === 0) throw new Error(lab ? usage : `no lab called ${name} is up`);
    const done = await lab.exec(host, command.join(' '), { user: values.user });
    process.stdout.write(done.stdout);
    process.stderr.write(done.stderr);
    return done.rc;
  },
};

try {
  const [command, ...args] = process.argv.slice(2);
  const options = {
    name: { type: 'string' },
    hosts: { type: 'string', default: '3' },
    image: { type: 'string', default: 'plain' },
    user: { type: 'string', default: 'root' },
    all: { type: 'boolean', default: false },
  };
  if (!commands[command]) throw new Error(usage);
  process.exitCode = await commands[command](parseArgs({ args, options, allowPositionals: true }));
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = error instanceof LabUnavailable ? 3 : 1;
}
