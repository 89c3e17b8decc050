import { expect } from 'chai';
import { Progress, Underway } from '../../engine/reporters/progress.ts';
import { result, Screen, task } from './recorded.ts';

const long = task('1', 'Copy the archive');

describe('what is under way', () => {
  it('cuts the list of hosts to the width and counts the rest', () => {
    const underway = new Underway();
    const hosts = Array.from({ length: 30 }, (_, i) => `host${i + 1}`);
    underway.see({ type: 'task:start', time: 0, task: long, hosts });
    expect(underway.describe(65_000, 60)).to.equal('Copy the archive (1m05s): host1, host2, host3 +27');
    expect(underway.describe(65_000, 20)).to.equal('Copy the archive (1m'.slice(0, 20));
  });

  it('forgets a task when its last host has answered, and a lost host altogether', () => {
    const underway = new Underway();
    underway.see({ type: 'play:start', time: 0, name: '', hosts: ['a', 'b'] });
    underway.see({ type: 'task:start', time: 0, task: long });
    underway.see({ type: 'task:result', time: 0, task: long, host: 'a', result: result('unreachable') });
    expect(underway.describe(0, 80)).to.equal('Copy the archive (0.0s): b');
    underway.see({ type: 'task:result', time: 0, task: long, host: 'b', result: result('ok') });
    expect(underway.describe(0, 80)).to.equal(undefined);
    underway.see({ type: 'task:start', time: 0, task: task('2', 'Next') });
    expect(underway.describe(0, 80)).to.equal('Next (0.0s): b');
  });
});

describe('heartbeat', () => {
  it('says what still runs after a while of silence, in a log', () => {
    const screen = new Screen();
    let now = 0;
    const progress = new Progress(screen, 30, () => now);
    progress.underway.see({ type: 'task:start', time: 0, task: long, hosts: ['a'] });
    now = 29_000;
    progress.tick();
    expect(screen.text).to.equal('');
    now = 30_000;
    progress.tick();
    progress.tick();
    expect(screen.text).to.equal('... still running: Copy the archive (30s): a\n');
    now = 59_000;
    progress.print('x\n');
    now = 61_000;
    progress.tick();
    progress.end();
    expect(screen.text).to.equal('... still running: Copy the archive (30s): a\nx\n');
  });
});
