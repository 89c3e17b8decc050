import { expect } from 'chai';
import { keyword, type Render, tagsOf, tagWords, written } from '../../engine/playbook/keyword.ts';
import { type Keyword, type KeywordName, keywords } from '../../engine/playbook/keywords.ts';
import type { Scoped } from '../../engine/playbook/nodes.ts';
import { type Dict, Float, fromProject, type Value } from '../../engine/values.ts';

type Reader = (node: Scoped, name: string, render?: Render) => unknown;
const read = keyword as unknown as Reader;
const as: Render = (value) => value;

function node(own: [string, Value][], parent?: Scoped, more: object = {}): Scoped {
  return { kind: parent ? 'task' : 'play', own: new Map(own), parent, place: undefined, role: undefined, ...more };
}

const fits: Record<Keyword['type'], Value> = {
  bool: true,
  str: 'text',
  int: 3,
  number: 1.5,
  percent: '30%',
  list: ['a'],
  dict: new Map([['a', 1]]),
  dicts: new Map([['a', 1]]),
  expressions: 'x == 1',
  tasks: [],
  any: 'any',
};
const readAs = (type: Keyword['type']): Value => (type === 'percent' ? 30 : fits[type]);

for (const row of keywords.values()) {
  describe(`the keyword ${row.name}`, () => {
    const rendersIt = row.rendered === 'play' || row.rendered === 'task';

    // The loader refuses it: the names in it must be known before anything is rendered.
    if (row.type === 'dict') {
      it('is a mapping, and never a template', () => {
        expect(() => read(node([[row.name, fromProject('{{ x }}', undefined)]]), row.name)).to.throw(
          'is a template, not a mapping',
        );
      });
      return;
    }

    it(`is ${rendersIt ? 'rendered by its reader' : 'left as it is written'}`, () => {
      const template = fromProject('{{ x }}', undefined);
      const asked: Value[] = [];
      const render: Render = (value) => {
        asked.push(value);
        return fits[row.type];
      };
      const found = read(node([[row.name, template]]), row.name, render);
      const values = row.inherit === 'extend' ? (found as { value: Value }[]).map(({ value }) => value) : [found];
      if (rendersIt) {
        expect(asked).to.deep.equal([template]);
        expect(values).to.deep.equal([row.inherit === 'extend' ? fits[row.type] : readAs(row.type)]);
      } else {
        expect(asked).to.deep.equal([]);
        if (!['str', 'list', 'dict', 'bool', 'int', 'number'].includes(row.type)) expect(values[0]).to.equal(template);
      }
    });

    it(`is inherited as the table says: ${row.inherit}`, () => {
      const outer = node([[row.name, fits[row.type]]]);
      const inner = node([], outer);
      const found = read(inner, row.name, as);
      if (row.inherit === 'no') expect(found).to.equal(undefined);
      else if (row.inherit === 'override') expect(found).to.deep.equal(readAs(row.type));
      else {
        const both = node([[row.name, fits[row.type]]], outer);
        expect((read(both, row.name, as) as { owner: Scoped }[]).map(({ owner }) => owner)).to.deep.equal([
          outer,
          both,
        ]);
      }
    });

    if (rendersIt)
      it('as `omit` is as if it were not written', () => {
        const omit: Render = (value) => (value === 'omitted' ? undefined : value);
        const outer = node([[row.name, fits[row.type]]]);
        const inner = node([[row.name, 'omitted']], outer);
        const without = node([], outer);
        expect(read(inner, row.name, omit)).to.deep.equal(read(without, row.name, omit));
        expect(read(node([[row.name, 'omitted']]), row.name, omit)).to.deep.equal(
          row.inherit === 'extend' ? [] : undefined,
        );
      });
  });
}

describe('the reader of keywords', () => {
  const of = (name: KeywordName, value: Value) => read(node([[name, value]]), name, as);

  it('takes yes and no in every way that Ansible does, and nothing else', () => {
    for (const yes of [true, 'yes', 'On', '1', 1, 't', 'TRUE', new Float(1)]) expect(of('become', yes)).to.equal(true);
    for (const no of [false, 'no', 'off', '0', 0, 'F']) expect(of('become', no)).to.equal(false);
    for (const neither of ['perhaps', '', 2, ['yes']])
      expect(() => of('become', neither)).to.throw(/`become` is .*, not yes or no/);
  });

  it('takes numbers written as strings, and no half ones where a whole one is meant', () => {
    expect(of('throttle', '3')).to.equal(3);
    expect(of('throttle', new Float(2))).to.equal(2);
    expect(of('delay', '0.5')).to.equal(0.5);
    expect(of('max_fail_percentage', '12.5%')).to.equal(12.5);
    expect(() => of('throttle', 1.5)).to.throw('`throttle` is `1.5`, not a whole number');
    expect(() => of('delay', 'soon')).to.throw('`delay` is `soon`, not a number');
    expect(() => of('max_fail_percentage', 'few')).to.throw('not a percentage');
  });

  it('takes nothing for a value: it keeps out what is around it', () => {
    const outer = node([['become', true]]);
    expect(read(node([['become', null]], outer), 'become', as)).to.equal(undefined);
  });

  it('does not hand collections into a role', () => {
    const play = node([['collections', ['a.b']]]);
    const role = node([['collections', ['c.d']]], play, { kind: 'block', roleStart: true });
    expect(read(node([], play), 'collections')).to.deep.equal(['a.b']);
    expect(read(node([], role), 'collections')).to.equal(undefined);
  });

  it('says where a keyword is written, innermost first', () => {
    const outer = node([['notify', 'a']]);
    const inner = node([['notify', 'b']], outer);
    expect(written(inner, 'notify').map(({ value }) => value)).to.deep.equal(['b', 'a']);
  });
});

describe('tags', () => {
  it('are words, split at commas, each once, with those from around', () => {
    const outer = node([['tags', 'a, b']]);
    expect(tagsOf(node([['tags', ['b', 'c,d', 7, ['e']]]], outer))).to.deep.equal(['a', 'b', 'c', 'd', '7', 'e']);
    expect(tagWords(fromProject('{{ t }}', undefined))).to.deep.equal(['{{ t }}']);
  });
});

describe('a dict of keywords', () => {
  it('that is no mapping is refused with the keyword’s name', () => {
    const dict: Dict = new Map([['loop_control', 'x' as Value]]);
    expect(() => read({ ...node([]), own: dict }, 'loop_control')).to.throw('`loop_control` is `x`, not a mapping');
  });
});
