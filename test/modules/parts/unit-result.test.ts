import { expect } from 'chai';
import { parseShow } from '../../../engine/modules/parts/unit-result.ts';

describe('systemctl show', () => {
  it('values over several lines, and text that only looks so', () => {
    const text =
      'Id=a.service\nDescription={ not a block\nExecStart={ path=/bin/a ; argv[]=/bin/a x\ny ; }\nExecStop={ path=/b }\nEmpty=\n';
    expect(parseShow(text)).to.deep.equal({
      Id: 'a.service',
      Description: '{ not a block',
      ExecStart: '{ path=/bin/a ; argv[]=/bin/a x\ny ; }',
      ExecStop: '{ path=/b }',
      Empty: '',
    });
  });
});
