import { expect } from 'chai';
import { csvRows } from '../../engine/python/csv.ts';
import { casesOf } from './recorded.ts';

describe('csv', () => {
  for (const [text, rows] of casesOf<[string, string[][]]>('tables')) {
    it(JSON.stringify(text), () => {
      // Python yields an empty row for an empty line, which csv.DictReader, as from_csv and csvfile use it, passes over
      expect(csvRows(text)).to.deep.equal(rows.filter((row) => row.length > 0));
    });
  }
});
