import { expect } from 'chai';
import { quotesFor } from '../../../engine/run/view/quotes.ts';

describe('help for an undefined name in a condition', () => {
  it('is quotes, where something is compared with it', () => {
    expect(quotesFor('Debian', 'ansible_distribution == Debian')).to.equal("a text needs quotes: 'Debian'");
    expect(quotesFor('stopped', '(state != stopped) and x')).to.equal("a text needs quotes: 'stopped'");
    expect(quotesFor('state', 'state == stopped')).to.equal(undefined);
  });

  it('is `none`, for the words of other languages', () => {
    for (const name of ['null', 'nil']) expect(quotesFor(name, `x == ${name}`)).to.include('nothing is written `none`');
  });
});
