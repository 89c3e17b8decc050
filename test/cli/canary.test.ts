/** Secrets with a text that nothing else has, through every reporter at the highest verbosity: none may come out. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { reporters } from '../../engine/reporters/index.ts';
import { command, project } from './console.ts';

const secrets = {
  vault: 'canary-vault-4711',
  quoted: 'canary "quoted" \\ 4712\nsecond line 4712',
  login: 'canary-login-4713',
  become: 'canary-become-4714',
  prompt: 'canary-prompt-4715',
  hidden: 'canary-hidden-4716',
};

/** The forms that a secret may take on its way out. */
function forms(secret: string): string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = secret.replaceAll('&', '&amp;').replaceAll('"', '&quot;');
  return [
    secret,
    json,
    escaped,
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
    ...secret.split('\n'),
  ];
}

describe('secrets', () => {
  const here = project({
    'vault-pw': 'canary-password-4717\n',
    'login-pw': `${secrets.login}\n`,
    'become-pw': `${secrets.become}\n`,
    'site.yaml': `- hosts: localhost
  gather_facts: false
  vars_prompt: [{name: asked, prompt: Say}]
  tasks:
    - debug: {msg: "{{ token }} and {{ asked }}"}
    - debug: {var: quoted}
    - command: "printf %s {{ token | quote }}"
    - shell: "printf %s {{ quoted | quote }} >&2; exit 3"
      ignore_errors: true
    - copy: {content: "{{ token }}\\n{{ quoted }}\\n", dest: "{{ playbook_dir }}/out"}
    - fail: {msg: "no {{ token }}: {{ quoted }}"}
      ignore_errors: true
    - debug: {msg: "{{ item }}"}
      loop: ["{{ token }}", "{{ asked }}"]
    - debug: {msg: "${secrets.hidden}"}
      no_log: true
    - debug: {msg: "${secrets.hidden} {{ nosuch }}"}
      no_log: true
      ignore_errors: true
    - set_fact: {copied: "{{ token }}"}
    - assert: {that: copied == 'x', fail_msg: "{{ copied }} is wrong"}
      ignore_errors: true
`,
  });
  after(() => here.remove());

  before(async () => {
    writeFileSync(join(here.path, 'extra.yml'), JSON.stringify({ token: secrets.vault, quoted: secrets.quoted }));
    await command(['vault', 'encrypt', 'extra.yml', '--vault-password-file', 'vault-pw'], { cwd: here.path });
  });

  for (const name of Object.keys(reporters))
    it(`are not in the report of ${name} (S-08)`, async () => {
      const files = [
        '--vault-password-file',
        'vault-pw',
        '--conn-pass-file',
        'login-pw',
        '--become-pass-file',
        'become-pw',
      ];
      const args = ['site.yaml', '-e', '@extra.yml', ...files, '-vvvv', '-D', '--live', '--reporter', name];
      const { code, out, err } = await command(args, { cwd: here.path, answers: [secrets.prompt] });
      expect(code, err).to.equal(0);
      for (const [what, secret] of Object.entries({ ...secrets, password: 'canary-password-4717' }))
        for (const form of forms(secret)) expect(out + err, `${what} as ${form}`).not.to.include(form);
      expect(out).not.to.match(/canary/);
      if (name === 'default' || name === 'json') expect(out).to.include('******** and ********');
    });
});
