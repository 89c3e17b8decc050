import { expect } from 'chai';
import { keywords, keywordsOn, orders, removedKeywords, strategies } from '../../engine/playbook/keywords.ts';
import { sampled } from '../conformance/keyword_cases.ts';

describe('the table of keywords', () => {
  it('has each keyword tried against ansible-core, at every level', () => {
    expect([...sampled].sort()).to.deep.equal([...keywords.keys()].sort());
  });

  it('says that a keyword of the play alone is not inherited', () => {
    for (const row of keywords.values()) if (row.on.join() === 'play') expect(row.inherit, row.name).to.equal('no');
  });

  it('lists the keywords of an owner', () => {
    expect(keywordsOn('play')).to.include.members(['hosts', 'max_fail_percentage', 'become']);
    for (const owner of ['role', 'block', 'task', 'handler'] as const)
      expect(keywordsOn(owner)).to.not.include('max_fail_percentage');
    expect(keywordsOn('task')).to.include.members(['when', 'register', 'loop']).and.not.include('block');
  });

  it('names no keyword both as there and as removed', () => {
    for (const name of Object.keys(removedKeywords)) expect(keywords.has(name), name).to.equal(false);
  });

  it('knows what strategy and order may say', () => {
    expect(strategies).to.include.members(['linear', 'free']);
    expect(orders).to.have.length(5);
  });
});
