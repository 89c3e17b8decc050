/** What is looked at, in the page's address: a link to it shows a colleague the same. */

export interface Look {
  view: 'matrix' | 'failures' | 'timeline' | 'tasks' | 'hosts';
  /** Words that host, task, role, file or result must hold. */
  text: string;
  status: string[];
  group: string;
  role: string;
  tag: string;
  /** Index of the task, host or result that is open. */
  task?: number;
  host?: number;
  result?: number;
}

export const START: Look = { view: 'matrix', text: '', status: [], group: '', role: '', tag: '' };
const VIEWS = ['matrix', 'failures', 'timeline', 'tasks', 'hosts'];

export function readLook(hash: string): Look {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const look: Look = { ...START, status: given.get('status')?.split(',').filter(Boolean) ?? [] };
  const view = given.get('view') ?? '';
  if (VIEWS.includes(view)) look.view = view as Look['view'];
  for (const name of ['text', 'group', 'role', 'tag'] as const) look[name] = given.get(name) ?? '';
  for (const name of ['task', 'host', 'result'] as const) {
    const number = Number(given.get(name) ?? Number.NaN);
    if (Number.isInteger(number) && number >= 0) look[name] = number;
  }
  return look;
}

export function lookHash(look: Look): string {
  const made = new URLSearchParams();
  if (look.view !== 'matrix') made.set('view', look.view);
  for (const name of ['text', 'group', 'role', 'tag'] as const) if (look[name]) made.set(name, look[name]);
  if (look.status.length > 0) made.set('status', look.status.join(','));
  for (const name of ['task', 'host', 'result'] as const)
    if (look[name] !== undefined) made.set(name, String(look[name]));
  return `#${made.toString()}`;
}
