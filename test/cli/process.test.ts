import { expect } from 'chai';
import { ended, project, start } from './console.ts';

const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until a process has written this. */
async function written(child: ReturnType<typeof start>, text: string): Promise<void> {
  let out = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout!.on('data', (chunk) => {
      out += String(chunk);
      if (out.includes(text)) resolve();
    });
    child.on('close', () => reject(new Error(`ended without saying ${text}: ${out}`)));
  });
}

describe('the process', () => {
  const here = project({
    'slow.yaml': `- hosts: localhost
  gather_facts: false
  tasks:
    - name: First
      debug: {msg: x}
    - name: Wait
      command: sleep 60
    - name: Never
      debug: {msg: never}
`,
    'many.yaml': `- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: "{{ 'x' * 1000 }}"}
      loop: "{{ range(300) | list }}"
    - copy: {content: done, dest: "{{ playbook_dir }}/end"}
`,
  });
  after(() => here.remove());

  it('ends cleanly when it is interrupted, with the recap, and 99', async function () {
    this.timeout(30_000);
    const child = start(['slow.yaml'], here.path);
    const end = ended(child);
    await written(child, 'TASK [Wait]');
    await wait(300);
    const begun = Date.now();
    child.kill('SIGINT');
    const { code, out, err } = await end;
    expect(Date.now() - begun).to.be.lessThan(5000);
    expect(err).to.include('interrupted: ending what is under way');
    expect(out)
      .to.include('PLAY RECAP')
      .and.include('Interrupted. The last task that each host began:\n    localhost: Wait');
    expect(out).not.to.include('TASK [Never]');
    expect(code).to.equal(99);
  });

  it('goes on to the end, and is quiet, when nobody reads it any more', async function () {
    this.timeout(30_000);
    const child = start(['many.yaml'], here.path);
    let err = '';
    child.stderr!.on('data', (chunk) => {
      err += String(chunk);
    });
    const code = new Promise((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve) => child.stdout!.once('data', () => resolve()));
    child.stdout!.destroy();
    expect(await code).to.equal(0);
    expect(err).to.equal('');
  });

  it('reads a password from standard input where there is no terminal', async function () {
    this.timeout(30_000);
    const child = start(['vault', 'encrypt_string', 'text'], here.path);
    const end = ended(child);
    child.stdin!.end('pw\npw\n');
    const { code, out, err } = await end;
    expect(err).to.equal('New Vault password: confirm New Vault password: ');
    expect(out).to.match(/^!vault \|\n/);
    expect(code).to.equal(0);
  });
});
