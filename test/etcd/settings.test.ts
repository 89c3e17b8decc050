import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runPlaybook } from '../../engine/index.ts';
import { withProject } from '../support/play.ts';
import { command } from './command.ts';

const role = fileURLToPath(new URL('../../roles/etcd_settings', import.meta.url));
const hosts = '[nodes]\ncentos-1 ip=192.0.2.1 fqdn=centos-1.example.com\n';
const playbook = `- hosts: nodes
  gather_facts: false
  roles: ['${role}']
  tasks:
    - debug:
        msg: {revision: "{{ etcd_revision }}", args: "{{ etcd_args }}"}
`;

const flags = join(import.meta.dirname, 'flags');

/** What the settings make of these variables: etcd's arguments, and what a member is restarted for when it changes. */
const settings = (vars: Record<string, unknown>) =>
  withProject({ hosts, 'play.yaml': playbook }, async (folder) => {
    const run = runPlaybook({
      playbook: 'play.yaml',
      inventory: 'hosts',
      cwd: folder,
      extraVars: vars,
      environment: { HOME: folder },
    });
    let found: unknown;
    for await (const event of run) if (event.type === 'task:result') found = event.result.values['msg'];
    return found as { args: string[]; revision: string };
  });

describe('the settings of the members', () => {
  it('U-03: the old v2 API is off in 3.4, and no setting of it is left from 3.5 on', async () => {
    const { args } = await settings({ etcd_version: '3.4.23' });
    expect(args).to.include('--enable-v2=false');
    for (const etcd_version of ['3.5.33', '3.6.14', '3.7.1'])
      expect((await settings({ etcd_version })).args.join(' ')).to.not.match(/enable-v2|v2v3/);
  });

  it('U-04: what 3.7 no longer knows is asked of 3.5 alone', async () => {
    const experimental = async (etcd_version: string) =>
      (await settings({ etcd_version })).args.filter((arg) => arg.startsWith('--experimental'));
    expect(await experimental('3.5.33')).to.not.have.length(0);
    for (const version of ['3.4.23', '3.6.14', '3.7.1']) expect(await experimental(version)).to.deep.equal([]);
  });

  // What `etcd --help` of each line's real program lists: its flags, and its feature gates.
  for (const file of readdirSync(flags))
    it(`U-04, I-08: etcd ${file.replace('.txt', '')} knows every flag that its members get`, async () => {
      const known = readFileSync(join(flags, file), 'utf8').trim().split('\n');
      const { args } = await settings({
        etcd_version: file.replace('.txt', ''),
        etcd_listen_metrics_urls: 'http://127.0.0.1:2381',
        etcd_ca_cert: join(flags, file),
        tls: { enabled: true },
      });
      expect(args.map((arg) => arg.split('=')[0]).filter((flag) => !known.includes(flag!))).to.deep.equal([]);
      const gates = args.find((arg) => arg.startsWith('--feature-gates='))?.slice('--feature-gates='.length) ?? '';
      for (const gate of gates.split(',').filter(Boolean)) expect(known).to.include(gate.split('=')[0]);
    });

  it('a line that has no settings of its own gets none of those that go', async () => {
    // etcd 3.8 has no --max-snapshots any more.
    const { args } = await settings({ etcd_version: '3.8.0', etcd_allow_version: true });
    expect(args.join(' ')).to.not.match(/max-snapshots|experimental|enable-v2/);
  });

  it('booleans are read as such also where they come as strings, as with -e name=false', async () => {
    for (const etcd_version of ['3.5.33', '3.6.14', '3.7.1']) {
      const args = async (checks: unknown) =>
        (await settings({ etcd_version, etcd_corruption_checks: checks })).args.join(' ');
      expect(await args('false')).to.equal(await args(false));
      expect(await args('true')).to.equal(await args(true));
      expect(await args('false')).to.not.match(/corrupt|InitialCorruptCheck/);
    }
  });

  it('snapshot-count is etcd’s own default of each line', async () => {
    const count = async (etcd_version: string) =>
      (await settings({ etcd_version })).args.find((arg) => arg.startsWith('--snapshot-count='));
    for (const version of ['3.4.23', '3.5.33']) expect(await count(version)).to.equal('--snapshot-count=100000');
    for (const version of ['3.6.14', '3.7.1']) expect(await count(version)).to.equal('--snapshot-count=10000');
  });

  it('T-11: members are restarted for other keys that sign tokens', async () => {
    const jwt = (key: string) => ({
      etcd_version: '3.5.33',
      etcd_extra_flags: {
        'auth-token': `jwt,pub-key=/etc/etcd/${key}.pub,priv-key=/etc/etcd/${key},sign-method=RS256`,
      },
    });
    const [one, again, other] = [await settings(jwt('one')), await settings(jwt('one')), await settings(jwt('other'))];
    expect(one.args).to.include('--auth-token=jwt,pub-key=/etc/etcd/one.pub,priv-key=/etc/etcd/one,sign-method=RS256');
    expect(again.revision).to.equal(one.revision);
    expect(other.revision).to.not.equal(one.revision);
  });

  it('T-09: a line so old that it cannot take up certificates for addresses is refused, before a host is asked', async () => {
    await withProject({ hosts }, async (folder) => {
      const played = await command(['install.yaml', '-i', `${folder}/hosts`, '-e', 'etcd_version=3.3.3']);
      expect(played.rc, played.text).to.equal(2);
      expect(played.text).to.contain('there are no settings for etcd 3.3; set etcd_version to one of the lines 3.4,');
    });
  });
});
