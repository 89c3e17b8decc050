import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { findInventories, findPlaybook, likelyInventory } from '../../engine/cli/settings/find_files.ts';
import { readSettings } from '../../engine/cli/settings/settings.ts';
import { project } from './console.ts';

describe('where files are looked for', () => {
  const here = project({
    'site.yaml': '',
    'both.yaml': '',
    'playbooks/both.yaml': '',
    'playbooks/install.yaml': '',
    'inventory/hosts': '',
    'package/playbooks/install.yaml': '',
    'package/playbooks/backup.yaml': '',
    'package/inventory/sample': '',
  });
  const shipped = join(here.path, 'package');
  const playbook = (name: string) => findPlaybook(name, here.path, shipped);
  after(() => here.remove());

  it('a playbook: here, in playbooks/, then in the package, which is said', () => {
    expect(playbook('site.yaml')).to.deep.equal({ path: join(here.path, 'site.yaml') });
    expect(playbook('both.yaml').path).to.equal(join(here.path, 'both.yaml'));
    expect(playbook('install.yaml')).to.deep.equal({ path: join(here.path, 'playbooks/install.yaml') });
    expect(playbook('backup.yaml').path).to.equal(join(shipped, 'playbooks/backup.yaml'));
    expect(playbook('backup.yaml').note).to.include('comes with Troupe');
  });

  it('a path given outright is that path or nothing', () => {
    expect(() => playbook('./install.yaml')).to.throw('there is no playbook `./install.yaml`');
    expect(() => playbook('/nosuch/install.yaml')).to.throw('there is no playbook');
    expect(playbook('./playbooks/install.yaml').path).to.equal(join(here.path, 'playbooks/install.yaml'));
  });

  it('a playbook that is nowhere brings the nearest name', () => {
    expect(() => playbook('instal.yaml'))
      .to.throw('there is no playbook `instal.yaml`; looked here')
      .with.property('help', 'did you mean `install.yaml`?');
    expect(() => playbook('backup'))
      .to.throw()
      .with.property('help', 'did you mean `backup.yaml`?');
  });

  it('an inventory: here, in inventory/, never in the package', () => {
    const told: string[] = [];
    const console = { cwd: here.path, out: { error: (text: string) => told.push(text) } } as never;
    expect(findInventories(['hosts', 'sample', 'a,b'], console)).to.deep.equal([
      join(here.path, 'inventory/hosts'),
      'a,b',
    ]);
    expect(told.join('')).to.match(/^\[WARNING\]: there is no inventory `sample`.*\nhelp: .*-i sample,/);
    expect(likelyInventory(here.path)).to.equal('hosts');
    expect(likelyInventory(shipped)).to.equal(undefined);
  });
});

describe('settings', () => {
  const here = project({
    'ansible.cfg': `# a comment
[defaults]
inventory = inv/hosts   ; where they are
remote_user: deploy
forks=20
roles_path = roles:~/shared
pipelining = True
callback_plugins = ./plugins
[privilege_escalation]
become = yes
[diff]
always = no
`,
    'bad/ansible.cfg': '[defaults]\nwhat is this\n',
  });
  const read = (environment = {}, cwd = here.path) => readSettings({ cwd, home: '/home/me', environment });
  after(() => here.remove());

  it('come from ansible.cfg, with paths relative to it', () => {
    const settings = read();
    expect(settings.paths('inventory', ',', '/home/me')).to.deep.equal([join(here.path, 'inv/hosts')]);
    expect(settings.paths('roles_path', ':', '/home/me')).to.deep.equal([join(here.path, 'roles'), '/home/me/shared']);
    expect(settings.text('remote_user')).to.equal('deploy');
    expect(settings.number('forks')).to.equal(20);
    expect(settings.bool('become')).to.equal(true);
    expect(settings.bool('diff')).to.equal(false);
    expect(settings.text('timeout')).to.equal(undefined);
  });

  it('name what has no effect, and are silent on what needs none', () => {
    expect(read().warnings).to.have.length(1);
    expect(read().warnings[0]).to.include('`callback_plugins` in [defaults] is not supported');
  });

  it('name variables that have no effect', () => {
    const { warnings } = read({
      ANSIBLE_FILTER_PLUGINS: 'x',
      ANSIBLE_NOCOLOR: '1',
      ANSIBLE_COLOR_OK: 'blue',
      PATH: '/',
    });
    expect(warnings.filter((text) => text.includes('ANSIBLE_'))).to.deep.equal([
      'the variable `ANSIBLE_FILTER_PLUGINS` is not supported and has no effect',
    ]);
  });

  it('give way to variables', () => {
    expect(read({ ANSIBLE_FORKS: '3' }).number('forks')).to.equal(3);
    expect(() => read({ ANSIBLE_FORKS: 'x' }).number('forks')).to.throw('needs a whole number');
    expect(() => read({ ANSIBLE_FORKS: '0' }).number('forks', 1)).to.throw(
      'needs a whole number of at least 1, not `0`',
    );
    const port = (text: string) => read({ ANSIBLE_REMOTE_PORT: text }).number('remote_port', 1, 65_535);
    expect(port('2222')).to.equal(2222);
    for (const wrong of ['0', '65536', '-1'])
      expect(() => port(wrong)).to.throw(`needs a whole number from 1 to 65535, not \`${wrong}\``);
    expect(read({ ANSIBLE_CONFIG: join(here.path, 'ansible.cfg') }, '/').number('forks')).to.equal(20);
  });

  it('are not read from a folder that everybody may write to (S-18)', () => {
    chmodSync(here.path, 0o777);
    try {
      const settings = read();
      expect(settings.text('remote_user')).to.equal(undefined);
      expect(settings.warnings[0]).to.include('everybody may write');
    } finally {
      chmodSync(here.path, 0o755);
    }
  });

  it('that cannot be read are refused with their line', () => {
    expect(() => read({ ANSIBLE_CONFIG: join(here.path, 'bad/ansible.cfg') })).to.throw('ansible.cfg:2: not a setting');
    expect(() => read({ ANSIBLE_CONFIG: '/nosuch/ansible.cfg' })).to.throw('cannot read');
  });
});
