import { expect } from 'chai';
import { hashOf } from '../cases.mjs';
import { canRun, closePools, compareWithRecorded, loadFamily, shells, tallyLines } from '../harness.ts';
import { startWeb } from '../web.mjs';

const { cases, recorded, by } = await loadFamily('files');
const names = [...new Set(cases.map((one) => one.module))];

describe(`modules of files, as ${by} ran them`, function () {
  this.timeout(60000);
  let web: Awaited<ReturnType<typeof startWeb>>;
  before(async function () {
    // The records were made by root: owners can't be changed by anybody else.
    if (process.getuid?.() !== 0) this.skip();
    web = await startWeb();
  });
  after(() => {
    web?.close();
    closePools();
    for (const line of tallyLines()) console.log(`    ${line}`);
  });

  it('has a record of every case', () => {
    expect(cases.filter((one) => recorded.get(one.name)?.hash !== hashOf(one)).map((one) => one.name)).to.deep.equal(
      [],
    );
  });

  for (const shell of shells()) {
    describe(`under ${shell.name}`, () => {
      for (const name of names) {
        describe(name, () => {
          for (const one of cases.filter((each) => each.module === name)) {
            it(one.name, function () {
              if (!canRun(one, shell)) this.skip();
              return compareWithRecorded(one, recorded.get(one.name)!, shell, web.url);
            });
          }
        });
      }
    });
  }
});
