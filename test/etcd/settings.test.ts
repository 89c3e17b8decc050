import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { runPlaybook } from '../../engine/index.ts';
import { withProject } from '../support/play.ts';
import { command } from './command.ts';

const role = fileURLToPath(new URL('../../roles/settings', import.meta.url));
const hosts = '[nodes]\ncentos-1 ip=192.0.2.1 fqdn=centos-1.example.com\n';
const playbook = `- hosts: nodes
  gather_facts: false
  roles: ['${role}']
  tasks:
    - debug:
        msg: {revision: "{{ etcd_revision }}", args: "{{ etcd_args }}"}
`;

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
