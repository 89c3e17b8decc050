import { expect } from 'chai';
import { Redactor } from '../../engine/run/redact.ts';
import { play } from '../support/play.ts';

describe('secrets', () => {
  it('are masked in every form, and what is too short to hide is left alone', () => {
    const redactor = new Redactor();
    redactor.add("it's a secret/1");
    redactor.add('abc');
    const masked = (text: string) => redactor.text(text);
    expect(masked("x it's a secret/1 y")).to.equal('x ******** y');
    expect(masked(`v=${Buffer.from("it's a secret/1").toString('base64')}`)).to.not.include('aXQ');
    expect(masked(encodeURIComponent("it's a secret/1"))).to.equal('********');
    expect(masked("'it'\\''s a secret/1'")).to.equal("'********'");
    expect(masked('abc')).to.equal('abc');
  });

  it('never change statuses, keys or names of hosts (S-09): a secret `hang` leaves `changed` as it is', async () => {
    const { lines, events } = await play(
      {
        hosts: 'hang1 ansible_connection=local ansible_password=hang\n',
        'play.yml': `
- hosts: all
  tasks:
    - {name: a, command: echo hang on, register: r}
    - {name: b, assert: {that: [r is changed, r.stdout == 'hang on'], quiet: true}}
`,
      },
      {},
    );
    expect(lines[0]).to.equal('a | hang1 | changed');
    const result = events.find((e) => e.type === 'task:result');
    if (result?.type !== 'task:result') throw new Error('no result');
    expect(result.result.values).to.include({ changed: true, stdout: '******** on' });
    expect(lines[1]).to.match(/^b \| hang1 \| ok/);
  });
});
