import { expect } from 'chai';
import { asBoolean, conditionsHold } from '../../../engine/run/task/conditions.ts';
import { quotesFor } from '../../../engine/run/view/quotes.ts';
import { fromProject, Source, type Value } from '../../../engine/values.ts';
import { VarScope } from '../../../engine/vars/scope.ts';

const scope = new VarScope(
  { extraVars: new Map<Value, Value>([['x', 1]]), magic: () => undefined, magicNames: [] },
  {},
);
const text = (condition: string) => fromProject(condition, { source: new Source('play.yml', condition), offset: 0 });

describe('conditions', () => {
  it('hold all or name the first that does not', () => {
    expect(conditionsHold([text('x == 1'), true], scope, undefined)).to.deep.equal({ holds: true });
    expect(conditionsHold([text('x == 1'), text('x == 2'), text('y')], scope, undefined)).to.deep.equal({
      holds: false,
      failed: 'x == 2',
    });
    expect(conditionsHold(false, scope, undefined)).to.deep.equal({ holds: false, failed: false });
  });

  it('that are empty hold', () => {
    for (const empty of [null, '', []]) expect(conditionsHold(empty, scope, undefined).holds).to.equal(true);
  });

  it('with a bare word beside a comparison say that a string needs quotes', () => {
    expect(() => conditionsHold(text('x == debian'), scope, undefined))
      .to.throw()
      .with.property('help', "a text needs quotes: 'debian'");
    expect(quotesFor('null', 'x == null')).to.match(/`none`/);
    expect(quotesFor('y', 'y == 1')).to.equal(undefined);
  });

  it('read yes and no as Ansible does', () => {
    for (const yes of [true, 'yes', ' On ', 1, '1', 't']) expect(asBoolean(yes)).to.equal(true);
    for (const no of [false, 'no', 0, '', null, undefined, 'other']) expect(asBoolean(no)).to.equal(false);
  });
});
