import { expect } from 'chai';
import { strptime, TimeError } from '../../engine/python/strptime.ts';
import { type Answer, casesOf } from './recorded.ts';

describe('strptime', () => {
  for (const [text, format, answer] of casesOf<[string, string, Answer<string>]>('times')) {
    it(`${text} as ${format}`, () => {
      if ('error' in answer) expect(() => strptime(text, format)).to.throw(TimeError);
      else expect(new Date(strptime(text, format)).toISOString()).to.equal(answer.value);
    });
  }
});
