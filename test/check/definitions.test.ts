/** Definitions are loaded once, and say why a module cannot be used. */
import { expect } from 'chai';
import { Definitions } from '../../engine/check/definitions.ts';
import { AuthorError } from '../../engine/errors.ts';
import type { ModuleDefinition } from '../../engine/modules/define.ts';
import type { Task } from '../../engine/playbook/nodes.ts';
import { Template } from '../../engine/values.ts';

const task = (action: string, more: Partial<Task> = {}) => ({ action, ...more }) as Task;

describe('definitions of modules', () => {
  it('are asked for once each, and not for words of the language, missing modules and templates', async () => {
    const asked: string[] = [];
    const definition = async (name: string) => {
      asked.push(name);
      if (name === 'broken') throw new AuthorError({ message: 'needs Python' });
      return { name } as ModuleDefinition;
    };
    const definitions = new Definitions();
    const tasks = [
      task('copy'),
      task('copy'),
      task('include_tasks'),
      task('broken'),
      task('gone', { missing: { message: 'gone' } }),
      task('{{ m }}', { chosen: new Template('{{ m }}', undefined) }),
    ];
    await definitions.load({ definition }, tasks);
    await definitions.load({ definition }, tasks);
    expect(asked).to.deep.equal(['copy', 'broken']);
    expect(definitions.of(tasks[0]!)?.name).to.equal('copy');
    expect(definitions.of(tasks[3]!)).to.equal(undefined);
    expect(definitions.unusable(tasks[3]!)?.message).to.equal('needs Python');
  });

  it('let a mistake of ours through', async () => {
    const bug = async () => {
      throw new TypeError('a bug');
    };
    const error = await new Definitions().load({ definition: bug }, [task('copy')]).catch((e: unknown) => e);
    expect(error).to.be.instanceOf(TypeError);
  });
});
