/** What is found in a project before it runs, one line for each finding: how severe, what, and where. */
import { type Finding, loadPlaybook, placeText, type RunOptions } from '../../engine/index.ts';
import { localHosts, type Project, withProject } from '../support/play.ts';

/** The findings of play.yml; a text is the tasks of a play on h1. */
export function found(files: string | Project, options: Partial<RunOptions> = {}): Promise<string[]> {
  const project = typeof files === 'string' ? { 'play.yml': onH1(files) } : files;
  return withProject({ hosts: localHosts('h1', 'h2'), ...project }, async (folder) => {
    const { findings } = await loadPlaybook({ playbook: 'play.yml', inventory: 'hosts', cwd: folder, ...options });
    // Of names that nothing defines names.test.ts has its own.
    const others = findings.filter(({ code }) => code !== 'unknown-name');
    return others.map((finding) => line(finding).replaceAll(folder, 'HERE'));
  });
}

/** A play on h1 with these tasks, which begin at line 3. */
export const onH1 = (tasks: string): string => `- hosts: h1\n  tasks:\n${tasks.replace(/^(?=.)/gm, '    ')}\n`;

function line({ message, place, warning, later }: Finding): string {
  const severity = later ? 'later' : warning ? 'warning' : 'error';
  return `${severity}: ${message}${place ? ` @${placeText(place)}` : ''}`;
}
