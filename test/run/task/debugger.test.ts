/** The task debugger's commands: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_debugger.html */
import { expect } from 'chai';
import { play } from '../../support/play.ts';

async function debugged(task: string, ...lines: string[]) {
  const said: string[] = [];
  const played = await play(`- hosts: h1\n  vars: { wrong: nothing }\n  tasks:\n    - ${task}\n`, {
    debug: async (prompt: string) => {
      said.push(prompt);
      return lines.shift();
    },
  }).catch((error: Error) => ({ lines: [`threw ${error.name}`], recap: undefined }));
  return { said, ...played };
}

const failing = '{ name: Try, command: "test {{ wrong }} = something", debugger: on_failed }';

describe('the debugger', () => {
  it('stops where it is asked to, prints expressions, and goes on with the result', async () => {
    const { said, lines } = await debugged(failing, "p task.args['cmd']", 'p host', 'p result.rc', 'c');
    expect(said[0]).to.equal('[h1] TASK: Try (debug)> ');
    expect(said.slice(1).map((text) => text.split('\n')[0])).to.deep.equal(["'test nothing = something'", 'h1', '1']);
    expect(lines.join('\n')).to.include('h1 | failed');
  });

  it('runs the task again with an argument or a variable that was changed', async () => {
    const byVariable = await debugged(failing, "task_vars['wrong'] = 'something'", 'u', 'r');
    expect(byVariable.lines.at(-1)).to.include('h1 | changed');
    const byArgument = await debugged(failing, "task.args['cmd'] = 'true'", 'r');
    expect(byArgument.lines.at(-1)).to.include('h1 | changed');
  });

  it('says what is wrong with a command, and does not end of it', async () => {
    const { said } = await debugged(failing, 'jump', 'p nobody.knows', "del task.args['nope']", 'c');
    expect(said[1]).to.include('*** there is no command `jump`; h lists them');
    expect(said[2]).to.include("*** 'nobody' is undefined");
    expect(said[3]).to.include('*** there is nothing at `nope` to take out');
  });

  it('does not stop where nobody is asked, or for a result that is not asked for', async () => {
    expect((await debugged('{ command: "true", debugger: on_failed }')).said).to.deep.equal([]);
    expect((await debugged('{ command: "false", debugger: never }')).said).to.deep.equal([]);
    expect((await debugged('{ command: "true", when: false, debugger: on_skipped }', 'c')).said).to.have.length(1);
  });
});
