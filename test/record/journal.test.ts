import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { RunFile } from '../../engine/record/folder.ts';
import { newRunId } from '../../engine/record/folder.ts';
import { play, withProject } from '../support/play.ts';

const inState = <T>(use: (records: string) => Promise<T>) =>
  withProject({}, (folder) => use(join(folder, 'state/runs')));

const secretPlay = `- hosts: h1
  tasks:
    - name: Hidden
      command: echo s3cr3t-of-no-log
      no_log: true
      register: hidden
    - name: Known secret
      command: echo {{ password }}
      register: known
    - name: In a URL
      debug: {msg: "https://me:s3cr3t-of-url@host/"}
    - name: Plain
      command: echo plain-text
      register: plain
`;

const only = (records: string): string => join(records, readdirSync(records)[0]!);
const read = (records: string, file: string) => readFileSync(join(only(records), file), 'utf8');

describe('the record of a run', () => {
  it('says what was called and how it ended, and holds the events that reporters get', () =>
    inState(async (records) => {
      const text = '- {hosts: all, tasks: [{command: "echo {{ inventory_hostname }}"}, {ping: }]}\n';
      const { events } = await play(text, {
        record: { folder: records, words: ['play.yml', '-i', 'hosts'], by: 'me' },
      });
      const run = JSON.parse(read(records, 'run.json')) as RunFile;
      expect(run).to.include({ format: 1, by: 'me', exitCode: 0, interrupted: false, check: false });
      expect(run.words).to.deep.equal(['play.yml', '-i', 'hosts']);
      expect(Object.keys(run.hosts!)).to.have.members(['h1', 'h2', 'h3']);
      expect(Object.keys(run.files).map((path) => path.split('/').at(-1))).to.deep.equal(['play.yml']);
      const recorded = read(records, 'events.ndjson').trimEnd().split('\n');
      expect(recorded.map((line) => JSON.parse(line) as unknown)).to.deep.equal(events);
    }));

  it('is for its owner alone', () =>
    inState(async (records) => {
      await play('- {hosts: h1, tasks: [{ping: }]}\n', { record: { folder: records } });
      const mode = (path: string) => (statSync(path).mode & 0o777).toString(8);
      expect([join(records, '..'), records, only(records)].map(mode)).to.deep.equal(['700', '700', '700']);
      for (const file of readdirSync(only(records))) expect(mode(join(only(records), file)), file).to.equal('600');
    }));

  it('leaves out what is secret, where no vault password seals it', () =>
    inState(async (records) => {
      const { recap } = await play(secretPlay, {
        record: { folder: records },
        secrets: ['s3cr3t-of-option'],
        extraVars: { password: 's3cr3t-of-option' },
      });
      expect(recap.exitCode).to.equal(0);
      const all = readdirSync(only(records)).map((file) => read(records, file));
      expect(all.join('\n')).not.to.contain('s3cr3t');
      expect(read(records, 'state.ndjson')).to.contain('plain-text').and.to.contain('"lost":"uncertain"');
    }));

  it('seals it by the vault password', () =>
    inState(async (records) => {
      await play(secretPlay, {
        record: { folder: records },
        secrets: ['s3cr3t-of-option'],
        extraVars: { password: 's3cr3t-of-option' },
        vault: [{ id: 'default', password: 'the vault password' }],
      });
      const state = read(records, 'state.ndjson');
      expect(state).not.to.contain('s3cr3t').and.not.to.contain('"lost"');
      expect(state.match(/"sealed":/g)).to.have.length(3);
      expect((JSON.parse(read(records, 'run.json')) as RunFile).sealed).to.match(/^\$ANSIBLE_VAULT/);
    }));

  it('keeps the newest ones, and nothing else that lies there', () =>
    inState(async (records) => {
      mkdirSync(records, { recursive: true });
      const old = Array.from({ length: 5 }, (_, i) => newRunId(new Date(Date.UTC(2020, 0, 1 + i))));
      for (const id of old) mkdirSync(join(records, id));
      writeFileSync(join(records, 'notes.txt'), 'mine');
      await play('- {hosts: h1, tasks: [{ping: }]}\n', { record: { folder: records, keep: 3 } });
      const left = readdirSync(records).sort();
      expect(left).to.have.length(4).and.to.include.members([old[3]!, old[4]!, 'notes.txt']);
    }));

  it('that cannot be written is a warning, and the run goes on', () =>
    withProject({ state: 'a file is in the way' }, async (folder) => {
      const { recap, events } = await play('- {hosts: h1, tasks: [{ping: }]}\n', {
        record: { folder: join(folder, 'state/runs') },
      });
      expect(recap.exitCode).to.equal(0);
      const warnings = events.flatMap((event) =>
        event.type === 'message' && event.level === 'warning' ? event.text : [],
      );
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.match(/^no record is kept of this run: .*state\/runs: /);
    }));

  it('is not written through a link', () =>
    withProject({}, async (folder) => {
      mkdirSync(join(folder, 'elsewhere'));
      mkdirSync(join(folder, 'state'));
      symlinkSync(join(folder, 'elsewhere'), join(folder, 'state/runs'));
      await play('- {hosts: h1, tasks: [{ping: }]}\n', { record: { folder: join(folder, 'state/runs') } });
      expect(readdirSync(join(folder, 'elsewhere'))).to.deep.equal([]);
    }));
});
