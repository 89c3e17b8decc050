import { expect } from 'chai';
import { censored, finished, joined, skippedOutcome } from '../../../engine/run/task/outcome.ts';
import type { TaskRun } from '../../../engine/run/types.ts';
import { fromPlain, toPlain } from '../../../engine/values.ts';

const run = {
  task: { own: new Map(), parent: undefined },
  scope: { resolve: (value: unknown) => value },
} as unknown as TaskRun;

describe('an outcome', () => {
  it('of a module has Ansible’s keys, its status and what it does to hosts', () => {
    const done = finished({ changed: true, values: { rc: 0 } }, [{ type: 'facts', values: new Map() }]);
    expect(done.result.status).to.equal('changed');
    expect(toPlain(done.registered)).to.deep.equal({ rc: 0, changed: true, failed: false });
    expect(done.effects).to.have.length(1);
    expect(finished({ changed: false, values: { failed: true, msg: 'no' } }).result).to.include({
      status: 'failed',
      msg: 'no',
    });
    expect(finished({ changed: false, skipped: true, values: {} }).result.status).to.equal('skipped');
  });

  it('registers one diff alone, more as a list', () => {
    const diff = { before: 'a', after: 'b' };
    expect(toPlain(finished({ changed: true, values: {}, diff: [diff] }).registered.get('diff')!)).to.deep.equal(diff);
    expect(toPlain(finished({ changed: true, values: {}, diff: [diff, diff] }).registered.get('diff')!)).to.have.length(
      2,
    );
  });

  it('of a skipped task names the condition', () => {
    expect(toPlain(skippedOutcome('x == 1').registered)).to.include({ skipped: true, false_condition: 'x == 1' });
  });

  it('of a loop has those of all items, effects and notified names among them', () => {
    const item = (n: number) => ({
      ...finished({ changed: n > 1, values: { n } }, [{ type: 'include_vars' as const, values: new Map() }]),
      notify: ['h'],
    });
    const all = joined(run, [item(1), item(2)]);
    expect(all.result).to.include({ status: 'changed', msg: 'All items completed' });
    expect(all.effects).to.have.length(2);
    expect(all.notify).to.deep.equal(['h']);
    expect(joined(run, []).result).to.include({ status: 'skipped', msg: 'No items in the list' });
    expect(joined(run, [skippedOutcome(null), skippedOutcome(null)]).result.msg).to.equal('All items skipped');
    const failed = finished({ changed: false, values: { failed: true } });
    expect(joined(run, [item(1), failed]).result).to.include({ status: 'failed', msg: 'One or more items failed' });
  });

  it('is a plain record: it survives being written down and read again', () => {
    const done = finished({ changed: true, values: { rc: 0, list: [1, { a: 'b' }] } }, [
      { type: 'facts', values: fromPlain({ ansible_x: [1, 2] }) as never },
    ]);
    const kept = JSON.parse(JSON.stringify(toPlain(fromPlain(done)))) as typeof done;
    expect(toPlain(fromPlain(kept))).to.deep.equal(toPlain(fromPlain(done)));
  });

  it('shows nothing with no_log, and keeps what is registered', () => {
    const hidden = censored(finished({ changed: true, values: { secret: 'x' } }));
    expect(hidden.result.values).to.have.keys('censored', 'changed');
    expect(hidden.registered.get('secret')).to.equal('x');
  });
});
