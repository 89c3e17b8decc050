import { expect } from 'chai';
import { EXIT } from '../../engine/events.ts';
import { localHosts, play } from '../support/play.ts';

describe('the recap of a run', () => {
  it('has the exit code of its worst host', async () => {
    const code = async (tasks: string, hosts = localHosts('h1')) =>
      (await play({ hosts, 'play.yml': `- hosts: all\n  tasks: [${tasks}]\n` })).recap.exitCode;
    const bad = 'bad ansible_host=127.0.0.1 ansible_port=1 ansible_connection=ssh\n';
    expect(await code('debug: ')).to.equal(EXIT.ok);
    expect(await code('fail: ')).to.equal(EXIT.failed);
    expect(await code('ping: ', bad)).to.equal(EXIT.unreachable);
  });

  it('of an interrupted run has the code that the command ends with', async () => {
    const { recap } = await play('- hosts: h1\n  tasks: [debug: ]\n', { signal: AbortSignal.abort() });
    expect(recap).to.include({ interrupted: true, exitCode: EXIT.interrupted });
    expect(EXIT.interrupted).to.equal(99);
  });

  it('keeps values of set_stats for the run, and for each host apart', async () => {
    const { recap } = await play(`
- hosts: h1,h2
  tasks:
    - set_stats: {data: {n: 1}}
    - set_stats: {data: {own: "{{ inventory_hostname }}"}, per_host: true}
    - {set_stats: {data: {once: 1}, per_host: true}, run_once: true}
`);
    expect(recap.stats).to.deep.equal({ n: 2 });
    expect(recap.hostStats).to.deep.equal({ h1: { own: 'h1', once: 1 }, h2: { own: 'h2', once: 1 } });
  });
});
