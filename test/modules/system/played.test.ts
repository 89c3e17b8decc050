import { expect } from 'chai';
import { Fakes } from './fakes.ts';

describe('modprobe and locale_gen, played by fakes', () => {
  const fakes = new Fakes();
  const host = fakes.host();
  after(() => fakes.remove());
  it('modprobe loads what is not loaded, with its parameters', async () => {
    fakes.set('modprobe', 'exit 0');
    const args = { name: 'troupe_no_such_mod', params: 'a=1 b=2' };
    expect(await host.run('modprobe', args, { check: true })).to.deep.include({ changed: true, requests: 1 });
    expect(fakes.calls()).to.deep.equal([]);
    expect((await host.run('modprobe', args)).changed).to.equal(true);
    expect(fakes.calls()).to.deep.equal(['modprobe -- troupe_no_such_mod a=1 b=2']);
    expect(await host.run('modprobe', { ...args, state: 'absent' })).to.deep.include({ changed: false, requests: 1 });
    fakes.set('modprobe', 'echo "modprobe: FATAL: Module x not found." >&2; exit 1');
    expect((await host.run('modprobe', args)).values.msg).to.contain('FATAL: Module');
    expect((await host.run('modprobe', { name: 'a;id' })).failed).to.equal(true);
  });
  it('locale_gen knows that a locale is there however it is written', async () => {
    fakes.set('locale', 'printf "C\\nC.utf8\\nde_DE.utf8\\n"').set('locale-gen', '');
    expect(await host.run('locale_gen', { name: 'de_DE.UTF-8' })).to.deep.include({ changed: false, requests: 1 });
    expect((await host.run('locale_gen', { name: '-x' })).failed).to.equal(true);
  });
});
