/** The examples of `run doc`: each is a list of tasks that the checks before a run have nothing against. */
import { expect } from 'chai';
import { modulePage } from '../../engine/cli/commands/doc.ts';
import { loadModule, ownModules } from '../../engine/modules/find.ts';
import { command, project } from '../cli/console.ts';

/** Modules that nearly every playbook uses. */
const COMMON =
  'copy template file lineinfile blockinfile command shell stat debug set_fact assert fail get_url unarchive user group service ' +
  'systemd apt package git cron uri wait_for setup fetch find replace script raw reboot pause include_vars add_host group_by';

/** Files of a project that the examples name. */
const FILES = ['templates/site.conf.j2', 'files/app.conf', 'files/setup.sh', 'files/deploy.pub'];

describe('examples of modules', () => {
  it('are there for the modules that nearly every playbook uses', async () => {
    for (const name of COMMON.split(' ')) {
      const module = await loadModule(ownModules().get(name)!);
      expect(module.examples, name).to.be.a('string');
      expect(modulePage(module)).to.include('EXAMPLES\n\n');
    }
  });

  it('are tasks with nothing wrong in them', async function () {
    this.timeout(120_000);
    for (const [name, file] of ownModules()) {
      const { examples } = await loadModule(file);
      if (examples === undefined) continue;
      const handlers = [...examples.matchAll(/notify: (.*)/g)].map((match) => match[1]);
      const here = project({
        ...Object.fromEntries(FILES.map((one) => [one, 'x\n'])),
        'play.yml':
          `- hosts: far\n  gather_facts: false\n  handlers: [${handlers.map((one) => `{name: "${one}", ping: }`).join(', ')}]\n` +
          `  tasks:\n${examples.replace(/^(?=.)/gm, '    ')}\n`,
      });
      const { code, err } = await command(['play.yml', '-i', 'far,', '--syntax-check'], { cwd: here.path });
      here.remove();
      expect(err, name).not.to.include('error: ');
      expect(code, name).to.equal(0);
    }
  });
});
