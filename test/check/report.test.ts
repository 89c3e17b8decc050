/** How findings are gathered and told: once each, with all their places, lists only once. */
import { expect } from 'chai';
import { lenient, unique } from '../../engine/check/report.ts';
import { explained, type Finding, gathered } from '../../engine/errors.ts';
import { Source } from '../../engine/values.ts';

const source = new Source('a.yml', Array.from({ length: 9 }, (_, i) => `line ${i}`).join('\n'));
const at = (line: number): Finding => ({ message: 'm', place: { source, offset: 7 * line }, help: 'a list' });

describe('findings', () => {
  it('found twice are one, the severe one', () => {
    const error = at(1);
    expect(unique([{ ...error, warning: true, later: true }, error, at(2)])).to.deep.equal([error, at(2)]);
  });

  it('that something may catch are warnings, and say when they fail', () => {
    const kept: Finding[] = [];
    lenient((finding) => kept.push(finding))(at(0));
    lenient((finding) => kept.push(finding))({ ...at(0), warning: true });
    expect(kept.map(({ warning, later }) => [warning, later])).to.deep.equal([
      [true, true],
      [true, false],
    ]);
    expect(explained(kept[0]!).split('\n')).to.deep.equal([
      'm',
      ' --> a.yml:1:1',
      '1 | line 0',
      '  | ^',
      'note: this fails only if it is reached',
      'help: a list',
    ]);
  });

  it('of the same words are told once, with their other places, and a count of many', () => {
    const [one, ...rest] = gathered([0, 1, 2, 3, 4, 5, 6, 7].map(at));
    expect(rest).to.deep.equal([]);
    const also = explained(one!)
      .split('\n')
      .find((line) => line.startsWith('also: '));
    expect(also).to.equal('also: a.yml:2:1, a.yml:3:1, a.yml:4:1, a.yml:5:1, a.yml:6:1 and 2 more places');
    expect(gathered([at(0), { ...at(1), message: 'n' }, { ...at(2), warning: true }])).to.have.length(3);
  });
});
