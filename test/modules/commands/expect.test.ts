import { expect } from 'chai';
import { closePools, runModule } from '../harness.ts';

describe('expect, on a real terminal', function () {
  this.timeout(30_000);
  after(closePools);
  it('answers what is asked, one after the other', async () => {
    const script =
      'test -t 0 && echo terminal; printf "Name: "; read n; printf "Password: "; read p; echo "[$n|$p]"; printf "Name: "; read n; echo "[$n]"; exit 3';
    const r = await runModule('expect', {
      command: `sh -c '${script}'`,
      responses: { '(?i)name': ['first one', 'second'], 'Password:': 'p w' },
    });
    expect(r.values).to.include({ rc: 3, msg: 'non-zero return code' });
    expect(String(r.values['stdout'])).to.contain('terminal').and.contain('[first one|p w]').and.contain('[second]');
  });
  it('says which question has no answer left; creates is one request', async () => {
    const r = await runModule('expect', {
      command: `sh -c 'for i in 1 2; do printf "Q? "; read a; done'`,
      responses: { 'Q\\?': ['one'] },
    });
    expect(String(r.values['msg'])).to.match(/^No remaining responses for 'Q\\\?'/);
    const skip = await runModule('expect', { command: 'false', responses: {}, creates: '/etc/passwd' });
    expect(skip.requests).to.equal(1);
    expect(skip.values['stdout']).to.equal('skipped, since /etc/passwd exists');
  });
});
