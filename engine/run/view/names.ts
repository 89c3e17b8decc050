/** How a task is called where it is shown. */
import type { Task } from '../../playbook/nodes.ts';

/** With the role that it belongs to: `role : name`. */
export function shownName(task: Task, name: string): string {
  return task.role ? `${task.role.role.name} : ${name}` : name;
}
