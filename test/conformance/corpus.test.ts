/**
 * Every playbook of the corpus run by us, compared with what stock ansible-core did (corpus/TOPIC.json, recorded by
 * record_corpus.mjs): same order of tasks, same status on every host, same values shown, same recap, same files.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type Case, folder, layOut, type Outcome, readCorpus, runOurs } from './corpus.ts';

const topics = group(readCorpus());

function group(cases: Case[]): Map<string, Case[]> {
  const found = new Map<string, Case[]>();
  for (const each of cases) found.set(each.topic, [...(found.get(each.topic) ?? []), each]);
  return found;
}

for (const [topic, cases] of topics) {
  const path = join(folder, `${topic}.json`);
  const recorded = existsSync(path)
    ? (JSON.parse(readFileSync(path, 'utf8')) as { ansible: string; recorded: { [name: string]: Outcome } })
    : { ansible: '?', recorded: {} };
  describe(`as ansible-core ${recorded.ansible}: ${topic}`, () => {
    for (const found of cases) {
      it(found.name + (found.differs ? ` (differs: ${found.differs})` : ''), async function () {
        if (found.asRoot && process.getuid?.() !== 0) {
          console.log(`        skipped: recorded as root, and this is another user: ${found.name}`);
          this.skip();
        }
        const theirs = recorded.recorded[found.name];
        if (!theirs) throw new Error('not recorded yet: run node test/conformance/record_corpus.mjs');
        const place = mkdtempSync(join(tmpdir(), 'troupe-corpus-'));
        try {
          layOut(found, place);
          const ours = await runOurs(found, place);
          const expected = found.ours ? { ...theirs, ...found.ours } : theirs;
          // What Ansible refuses before anything runs we refuse too, in our words.
          if (theirs.rc !== 0 && theirs.lines.length === 0 && !found.ours) {
            expect([ours.rc !== 0, ours.lines.join()]).to.satisfy(
              ([failed, said]: [boolean, string]) => failed && said.startsWith('error: '),
            );
            return;
          }
          if (found.differs) expect(ours, 'a difference that is none any more').to.not.deep.equal(theirs);
          expect({ lines: ours.lines, recap: ours.recap, files: ours.files, rc: ours.rc }).to.deep.equal({
            lines: expected.lines,
            recap: expected.recap,
            files: expected.files,
            rc: expected.rc,
          });
        } finally {
          rmSync(place, { recursive: true, force: true });
        }
      });
    }
  });
}
