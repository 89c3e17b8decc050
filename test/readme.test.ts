/** The README and the docs say nothing that is not so: links lead somewhere, examples run, tables are complete. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { command, project } from './cli/console.ts';
import { pages as tablePages, withTables } from './cli/write_docs.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const readme = readFileSync(join(root, 'README.md'), 'utf8');

/** The code blocks of a language. */
function blocks(language: string): string[] {
  return [...readme.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'gm'))].map((match) => match[1]!);
}

describe('README and docs', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((file) => `docs/${file}`)];

  it('link to files that exist', () => {
    for (const page of pages.filter((name) => name.endsWith('.md'))) {
      const links = [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)].map(
        (m) => m[1]!,
      );
      for (const link of links) expect(existsSync(join(root, dirname(page), link)), `${page}: ${link}`).to.equal(true);
    }
  });

  it('index.md links every page', () => {
    const index = readFileSync(join(root, 'docs/index.md'), 'utf8');
    for (const page of readdirSync(join(root, 'docs')))
      if (page !== 'index.md') expect(index, page).to.include(`](${page})`);
  });

  it('api.md has every event that a run emits, and the names that index.ts exports', () => {
    const page = readFileSync(join(root, 'docs/api.md'), 'utf8');
    const events = readFileSync(join(root, 'engine/events.ts'), 'utf8');
    const emitted = [...events.matchAll(/type: '([\w:-]+)'/g)].map((match) => match[1]!).sort();
    const rows = page.slice(page.indexOf('## Events'), page.indexOf('## Reporters')).matchAll(/^\| `([\w:-]+)`/gm);
    expect([...rows].map((match) => match[1]!).sort()).to.deep.equal(emitted);
    for (const name of ['runPlaybook', 'loadPlaybook', 'loadInventory', 'defineModule', 'AuthorError', 'UsageError'])
      expect(page).to.include(name);
  });

  it('have their tables as the code and the playbooks have them', () => {
    for (const page of tablePages) {
      const text = readFileSync(page, 'utf8');
      expect(text, `npx tsx test/cli/write_docs.ts writes ${page.pathname} anew`).to.equal(withTables(text));
    }
    expect(readme).to.include('(playbooks/install.yaml)');
  });

  it('name scripts of package.json only', () => {
    const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object };
    const contributing = readFileSync(join(root, 'docs/contributing.md'), 'utf8');
    for (const [, name] of (readme + contributing).matchAll(/npm run ([\w:]+)/g))
      expect(scripts).to.have.property(name!);
  });

  it('show a playbook that runs, and the message that its mistake brings', async () => {
    const playbook = blocks('yaml')[0]!;
    const target = project({});
    const fixed = playbook.replaceAll('/tmp/hello', join(target.path, 'hello'));
    writeFileSync(
      join(target.path, 'hello.yaml'),
      fixed.replace('# hello.yaml\n', '').replace('tasks:', 'gather_facts: false\n  tasks:'),
    );
    writeFileSync(join(target.path, 'hosts'), 'localhost ansible_connection=local\n');
    const ran = await command(['hello.yaml', '-i', 'hosts'], { cwd: target.path });
    expect(ran).to.include({ code: 0, err: '' });
    expect(ran.out).not.to.include('no hosts matched');
    // As the first call of the README names its hosts.
    const listed = await command(['hello.yaml', '-i', 'db1,db2', '--list-hosts'], { cwd: target.path });
    expect(listed.out).to.include('db1').and.include('db2');
    expect(readFileSync(join(target.path, 'hello'), 'utf8')).to.equal('hello from localhost\n');
    const wrong = playbook.replace('# hello.yaml\n', '').replace(/dest: .*/, '$&\n        onwer: root');
    writeFileSync(join(target.path, 'hello.yaml'), wrong);
    const { code, err } = await command(['hello.yaml', '-i', 'hosts'], { cwd: target.path });
    const message = /^```\n(error: [\s\S]*?)^```$/m.exec(readme)![1]!;
    expect(code).to.equal(4);
    // The line number depends on the comment at the top.
    expect(err.replace(/\d+/g, 'N')).to.include(message.replace(/\d+/g, 'N'));
    target.remove();
  });

  it('show a module that works, in check mode too', async () => {
    const target = project({});
    const library = join(target.path, 'library');
    mkdirSync(library);
    writeFileSync(join(library, 'marker.js'), blocks('js')[0]!);
    writeFileSync(join(library, 'marker.sh'), blocks('sh')[0]!);
    const file = join(target.path, 'file');
    writeFileSync(
      join(target.path, 'site.yaml'),
      `- hosts: localhost\n  gather_facts: false\n  tasks: [{marker: {path: "${file}", text: "it's $HOME"}}]\n`,
    );
    const run = async (...more: string[]) => (await command(['site.yaml', ...more], { cwd: target.path })).out;
    expect(await run('-C')).to.include('changed=1');
    expect(existsSync(file)).to.equal(false);
    expect(await run()).to.include('changed=1');
    expect(readFileSync(file, 'utf8')).to.equal("it's $HOME\n");
    expect(await run()).to.include('changed=0');
    target.remove();
  });
});
