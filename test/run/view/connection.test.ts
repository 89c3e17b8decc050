import { expect } from 'chai';
import type { Task } from '../../../engine/playbook/nodes.ts';
import {
  becomeOptions,
  connectionKeywords,
  connectionTarget,
  connectionVariables,
} from '../../../engine/run/view/connection.ts';
import type { Value } from '../../../engine/values.ts';
import { isRestricted } from '../../../engine/vars/restricted.ts';
import type { VarScope } from '../../../engine/vars/scope.ts';

const options = { playbook: 'x.yaml' };

/** The keywords of a task, as it writes them. */
const written = (own: Record<string, Value>) =>
  connectionKeywords(
    { own: new Map(Object.entries(own)), parent: undefined } as unknown as Task,
    { resolve: (value: Value) => value } as VarScope,
  );

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
    connectionTarget('web1', get, written({}), options);
    becomeOptions(
      (name) => {
        read.add(name);
        return name === 'ansible_become' ? true : undefined;
      },
      written({}),
      options,
    );
    const own = [...read].filter((name) => !/^ansible_sudo_(pass|password|flags|exe)$/.test(name));
    expect(own.sort()).to.deep.equal([...connectionVariables].sort());
  });

  it('choose the transport and what it needs', () => {
    const of = (values: Record<string, string>) =>
      connectionTarget('web1', (name) => values[name], written({}), options);
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
      connectionTarget('web1', () => undefined, written({}), { ...options, connection: 'openssh' }).connection,
    ).to.equal('openssh');
  });
});

describe('connection keywords', () => {
  const nothing = () => undefined;

  it('count where no variable says otherwise, and before the options', () => {
    const given = written({ connection: 'local', port: '2022', remote_user: 'anna' });
    const more = { ...options, user: 'options', port: 1, connection: 'ssh' };
    expect(connectionTarget('h', nothing, given, more)).to.include({ connection: 'local', port: 2022, user: 'anna' });
    const variables = { ansible_user: 'variable', ansible_port: 23 } as Record<string, Value>;
    expect(connectionTarget('h', (name) => variables[name], given, more)).to.include({ port: 23, user: 'variable' });
    expect(connectionTarget('h', nothing, written({}), more)).to.include({ port: 1, user: 'options' });
  });

  it('say who a task becomes', () => {
    expect(becomeOptions(nothing, written({}), options)).to.equal(undefined);
    const become = written({
      become: 'yes',
      become_user: 'web',
      become_method: 'su',
      become_flags: '-x',
      become_exe: '/su',
    });
    expect(becomeOptions(nothing, become, options)).to.include({ user: 'web', method: 'su', flags: '-x', exe: '/su' });
    expect(becomeOptions(nothing, written({ become: false }), { ...options, become: { enabled: true } })).to.equal(
      undefined,
    );
  });
});
