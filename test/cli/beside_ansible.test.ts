import { expect } from 'chai';
import { command, project } from './console.ts';

const inventory = `all:
  vars: {g: 1}
  children:
    web:
      hosts: {w1: {a: 1}, w2: }
      vars: {port: 80}
    db: {hosts: {d1: }}
    prod: {children: {web: }}
`;

// As ansible-inventory 2.19 writes it.
const asYaml = `all:
  children:
    db:
      hosts:
        d1:
          g: 1
    prod:
      children:
        web: {}
    web:
      hosts:
        w1:
          a: 1
          g: 1
          port: 80
        w2:
          g: 1
          port: 80
`;

/** What a command line says in a project of an inventory. */
async function says(args: string[], more: object = {}): Promise<{ code: number; out: string; err: string }> {
  const here = project({ 'inv.yml': inventory, pw: 'secret\n', hosts: 'h1 ansible_connection=local\nh2\n' });
  try {
    return await command(args, { cwd: here.path, ...more });
  } finally {
    here.remove();
  }
}

describe('options of Ansible besides those of ansible-playbook', () => {
  it('inventory: YAML as ansible-inventory writes it, and other forms are refused by name', async () => {
    expect((await says(['inventory', '-i', 'inv.yml', '--list', '-y'])).out).to.equal(asYaml);
    expect((await says(['inventory', '-i', 'inv.yml', '--host', 'w1', '--yaml'])).out).to.equal(
      'a: 1\ng: 1\nport: 80\n',
    );
    const toml = await says(['inventory', '-i', 'inv.yml', '--list', '--toml']);
    expect(toml.code).to.equal(5);
    expect(toml.err).to.equal('error: `--toml` is not supported\nhelp: the forms are JSON and, with --yaml, YAML\n');
  });

  it('module: lists hosts, and its mistakes are told without a play that nobody wrote', async () => {
    const listed = await says(['module', 'all', '-i', 'hosts', '--list-hosts']);
    expect(listed.out).to.equal('  hosts (2):\n    h1\n    h2\n');
    const wrong = await says(['module', 'h1', '-i', 'hosts', '-m', 'copy', '-a', 'dst=/x dest=/x content=a']);
    expect(wrong.code).to.equal(4);
    expect(wrong.err).to.equal(
      'error: `copy` has no argument `dst`\nhelp: did you mean `dest`?\n\none error; nothing was run\n',
    );
  });

  it('module: --task-timeout ends it, -B lets it run in the background', async () => {
    const late = await says(['module', 'h1', '-i', 'hosts', '-a', 'sleep 20', '--task-timeout', '1']);
    expect(late.code).to.equal(2);
    expect(late.out).to.include('timed out after 1 seconds');
    const behind = await says(['module', 'h1', '-i', 'hosts', '-m', 'shell', '-a', 'echo hi', '-B', '20', '-P', '1']);
    expect(behind.code).to.equal(0);
    expect(behind.out).to.equal('h1 | CHANGED | rc=0 >>\nhi\n');
  });

  it('--version is answered wherever it stands, and nothing is run', async () => {
    const { code, out } = await says(['module', 'h1', '-i', 'hosts', '-a', 'echo ran', '--version']);
    expect([code, out]).to.deep.equal([0, 'run (troupe) 1.2.3\n']);
  });

  it('a command that is misspelt is named', async () => {
    const { code, err } = await says(['inventroy', '--list']);
    expect(code).to.equal(5);
    expect(err).to.equal('error: there is no command or playbook `inventroy`\nhelp: did you mean `run inventory`?\n');
  });
});
