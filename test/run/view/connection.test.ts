import { expect } from 'chai';
import { becomeOptions, connectionTarget, connectionVariables } from '../../../engine/run/view/connection.ts';
import { isRestricted } from '../../../engine/vars/restricted.ts';

const options = { playbook: 'x.yaml' };

describe('connection variables', () => {
  it('are names that no host may set (S-32)', () => {
    const methods = ['sudo', 'su', 'doas'].flatMap((method) =>
      ['pass', 'password', 'flags', 'exe'].map((what) => `ansible_${method}_${what}`),
    );
    const open = [...connectionVariables, ...methods].filter((name) => !isRestricted(name));
    expect(open).to.deep.equal([]);
  });

  it('are all in the list: nothing else is read', () => {
    const read = new Set<string>();
    const get = (name: string) => {
      read.add(name);
      return undefined;
    };
    connectionTarget('web1', get, () => undefined, options);
    becomeOptions(
      (name) => {
        read.add(name);
        return name === 'ansible_become' ? true : undefined;
      },
      () => undefined,
      options,
    );
    const own = [...read].filter((name) => !/^ansible_sudo_(pass|password|flags|exe)$/.test(name));
    expect(own.sort()).to.deep.equal([...connectionVariables].sort());
  });

  it('choose the transport and what it needs', () => {
    const of = (values: Record<string, string>) =>
      connectionTarget(
        'web1',
        (name) => values[name],
        () => undefined,
        options,
      );
    expect(of({}).connection).to.equal('ssh');
    expect(of({ ansible_connection: 'paramiko' }).connection).to.equal('ssh');
    const other = of({
      ansible_connection: 'openssh',
      ansible_ssh_executable: '/opt/ssh',
      ansible_sshpass_prompt: 'Code word',
      ansible_ssh_args: '-o A=1',
      ansible_ssh_common_args: '-o B=2',
    });
    expect(other).to.include({
      connection: 'openssh',
      executable: '/opt/ssh',
      passwordPrompt: 'Code word',
      sshArgs: '-o A=1 -o B=2',
    });
    expect(() => of({ ansible_connection: 'winrm' })).to.throw('connection `winrm` of web1 is not supported');
    expect(
      connectionTarget(
        'web1',
        () => undefined,
        () => undefined,
        { ...options, connection: 'openssh' },
      ).connection,
    ).to.equal('openssh');
  });
});
