/**
 * The playbooks of plays/ run by stock Ansible and by us, each on hosts of its own, twice. Every task must end the same
 * on every host, print the same, and leave the same files. To add a case, add a play; `# run with:` in its first lines
 * adds to the command line. A long play is compared with what Ansible did when it was recorded (recorded/NAME.json);
 * TROUPE_RECORD=NAME.yaml runs it with Ansible again and keeps the new outcome.
 */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { needLab, useOwnLab } from '../lab/shared.ts';
import { byAnsible, byTroupe, type Outcome } from './both.ts';
import { ensureReference } from './reference.mjs';

const plays = fileURLToPath(new URL('plays', import.meta.url));

/** What Ansible did and left. */
interface Recording {
  runs: Outcome[];
  files: string[][];
}

const readRecording = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Recording;

describe('playbooks end as with stock Ansible', function () {
  this.timeout(300_000);
  let folder: string;

  before(async function () {
    needLab(this);
    await ensureReference();
    folder = mkdtempSync(join(tmpdir(), 'conformance-'));
    cpSync(plays, folder, { recursive: true });
  });
  after(() => rmSync(folder ?? '', { recursive: true, force: true }));

  // The first two hosts are Ansible's, the last two ours; both are called alpha and beta.
  const lab = useOwnLab({ hosts: 4, image: 'python' });

  function inventory(which: 'ansible' | 'troupe'): string {
    const path = lab().inventory(join(folder, `hosts-${which}`));
    const [hosts, vars] = readFileSync(path, 'utf8').split(/\n(?=\[all:vars\])/);
    const own = hosts!.split('\n').slice(which === 'ansible' ? 1 : 3, which === 'ansible' ? 3 : 5);
    const named = own.map((text, i) => text.replace(/^(\S+)/, `${['alpha', 'beta'][i]} hostname_of=$1`));
    writeFileSync(path, `[nodes]\n${named.join('\n')}\n\n${vars}`);
    return path;
  }

  const anew = async () => {
    const line = 'rm -rf /srv/conformance; userdel conform; groupdel conformance; systemctl disable --now conformance';
    await Promise.all(lab().hosts.map((host) => lab().exec(host, line, { via: 'nsenter' })));
  };

  const left = async (hosts: string[]) => {
    const list =
      'cd /srv/conformance || exit; find . -printf "%p %y %m %u %g %l\\n" | sort; find . -type f | sort | xargs -r -d "\\n" sha256sum; id conform 2>&1';
    const done = await Promise.all(hosts.map((host) => lab().exec(host, list, { via: 'nsenter' })));
    return done.map((each) => each.stdout.split('\n'));
  };

  for (const play of readdirSync(plays).filter((name) => name.endsWith('.yaml'))) {
    const more = (/^# run with: (.*)$/m.exec(readFileSync(join(plays, play), 'utf8'))?.[1] ?? '')
      .split(' ')
      .filter(Boolean);
    const recording = join(plays, 'recorded', play.replace('.yaml', '.json'));
    const anewRecorded = process.env['TROUPE_RECORD'] === play;
    const recorded = existsSync(recording) && !anewRecorded ? readRecording(recording) : undefined;
    it(`${play}, run twice${recorded ? ', as recorded' : ''}`, async () => {
      await anew();
      const runs: Omit<Outcome, 'failures'>[] = [];
      for (const [i, time] of ['first', 'second'].entries()) {
        const { failures: _, ...expected } =
          recorded?.runs[i] ?? (await byAnsible({ cwd: folder, inventory: inventory('ansible'), play, more }));
        runs.push(expected);
        const actual = await byTroupe({ cwd: folder, inventory: inventory('troupe'), play, more });
        expect(actual.lines, `${time} run: tasks`).to.deep.equal(expected.lines);
        expect(actual.recap, `${time} run: recap`).to.deep.equal(expected.recap);
        expect(actual.rc, `${time} run: exit code`).to.equal(expected.rc);
      }
      const files = recorded?.files ?? (await left(['node-1', 'node-2']));
      expect(await left(['node-3', 'node-4'])).to.deep.equal(files);
      if (anewRecorded) writeFileSync(recording, `${JSON.stringify({ runs, files }, null, 1)}\n`);
    });
  }
});
