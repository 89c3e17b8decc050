import { expect } from 'chai';
import { rendering } from '../../../engine/run/view/keywords.ts';
import { fromProject, type Value } from '../../../engine/values.ts';
import { VarScope } from '../../../engine/vars/scope.ts';

describe('the rendering of keywords', () => {
  const scope = new VarScope(
    { extraVars: new Map<Value, Value>([['x', 3]]), magic: () => undefined, magicNames: [] },
    {},
  );
  const render = rendering(scope);
  const template = (text: string) => fromProject(text, undefined);

  it('gives native values, and nothing for `omit`', () => {
    expect(render(template('{{ x }}'))).to.equal(3);
    expect(render(template('{{ nothing | default(omit) }}'))).to.equal(undefined);
    expect(render([template('{{ x }}'), template('{{ nothing | default(omit) }}')])).to.deep.equal([3]);
    expect(render('plain')).to.equal('plain');
  });

  it('throws what is wrong with a template', () => {
    expect(() => render(template('{{ nothing }}'))).to.throw(/nothing/);
  });
});
