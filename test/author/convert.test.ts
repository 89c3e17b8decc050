/** `run convert`: what it writes runs as the YAML does, shown by the recorded results of ansible-core. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { command, project } from '../cli/console.ts';
import { type Case, folder, layOut, type Outcome, readCorpus, runOurs } from '../conformance/corpus.ts';

/** Topics whose plays are converted; TROUPE_CONVERT=all takes every topic. */
const TOPICS = [
  'blocks',
  'conditions',
  'handlers',
  'loops',
  'flow',
  'includes',
  'tags',
  'variables',
  'roles',
  'brakes',
  'register',
];

/** What is said of what TypeScript cannot have. */
const CANNOT =
  /which TypeScript cannot have|cannot be written in TypeScript|more than one module|cannot be written as a tagged one/;

const outcomes = new Map<string, { [name: string]: Outcome }>();

describe('a play that was converted', () => {
  const all = process.env['TROUPE_CONVERT'] === 'all';
  const cases = readCorpus().filter(({ topic }) => all || TOPICS.includes(topic));
  const few = all ? cases : cases.filter((_, i) => i % 8 === 0);

  for (const found of few) {
    const recorded = recordedOf(found);
    if (!recorded || found.differs || (found.asRoot && process.getuid?.() !== 0)) continue;
    // What is refused is shown in other tests.
    if (recorded.rc !== 0 && recorded.lines.length === 0) continue;
    it(`${found.topic}: ${found.name}`, async function () {
      const place = mkdtempSync(join(tmpdir(), 'troupe-convert-'));
      try {
        layOut(found, place);
        const { code, out, err } = await command(['convert', 'play.yml'], { cwd: place });
        if (code !== 0 && CANNOT.test(err)) this.skip();
        expect([code, err.replace(/^warning: found a duplicate[\s\S]*/, '')]).to.deep.equal([0, '']);
        writeFileSync(join(place, 'play.ts'), out);
        writeFileSync(join(place, 'play.yml'), '- import_playbook: play.ts\n');
        const ours = await runOurs(found, place);
        expect(ours, out).to.deep.equal(recorded);
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    });
  }
});

function recordedOf({ topic, name }: Case): Outcome | undefined {
  const path = join(folder, `${topic}.json`);
  if (!outcomes.has(topic))
    outcomes.set(
      topic,
      existsSync(path)
        ? (JSON.parse(readFileSync(path, 'utf8')) as { recorded: { [name: string]: Outcome } }).recorded
        : {},
    );
  return outcomes.get(topic)![name];
}

describe('run convert', () => {
  it('writes what one would write', async () => {
    const yaml = `# The machines that answer.
- hosts: web
  become: yes
  vars: {port: 8080, codes: {200: ok}, ratio: 1.0}
  roles:
    - common
    - {role: nginx, size: 3, when: size is defined}
  tasks:
    # First of all.
    - name: Install
      ansible.builtin.apt: name=nginx state=present
      notify: Reload
    - ansible.builtin.package: {name: curl, state: present}
    - command: creates=/x ls -l {{ dir }}
      when: [port > 1, "dir is defined"]
    - block:
        - assert: {that: port == 8080}
      rescue:
        - debug: var=port
    - local_action: acme.web.thing a=1
    - meta: flush_handlers
    - copy:
        content: |
          listen {{ port }}
        dest: /etc/x
      loop: "{{ codes | dict2items }}"
      loop_control: {label: "{{ item.key }}"}
  handlers:
    - {name: Reload, service: {name: nginx, state: reloaded}}
- import_playbook: other.yaml
`;
    const here = project({ 'site.yaml': yaml });
    const { out, err, code } = await command(['convert', 'site.yaml'], { cwd: here.path });
    const again = await command(['convert', 'site.yaml', '-o', 'site.yaml'], { cwd: here.path });
    here.remove();
    expect([code, err]).to.deep.equal([0, '']);
    expect(again.err).to.include('site.yaml is there already');
    expect(out).to.equal(readFileSync(new URL('converted.txt', import.meta.url), 'utf8'));
  });
});
