/** What ends a host's walk early, as playbooks meet it. */
import { expect } from 'chai';
import { HostFailed } from '../../../engine/run/walk/signals.ts';
import { play } from '../../support/play.ts';

describe('signals', () => {
  it('a failure carries its task and result, and what the result says', () => {
    const failed = new HostFailed({} as never, { status: 'failed', msg: 'no disk', values: {} } as never);
    expect(failed.message).to.equal('no disk');
    expect(failed.result.status).to.equal('failed');
  });

  it('a failure is caught by a rescue; the end of a host is not, nor is it a failure', async () => {
    const { lines, recap } = await play(`- hosts: h1
  tasks:
    - block: [{ fail: { msg: no } }]
      rescue: [{ debug: { msg: saved } }]
    - block: [{ meta: end_host }]
      rescue: [{ debug: { msg: never } }]
    - debug: { msg: never }
`);
    expect(lines.join('\n')).to.include('saved').and.not.include('never');
    expect(recap.hosts['h1']).to.include({ failed: 0, rescued: 1 });
  });
});
