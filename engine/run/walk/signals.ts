/** What ends a host's walk early: thrown by a task, caught by a block (failure) or by the play. */
import type { TaskResult } from '../../events.ts';
import type { Task } from '../../playbook/nodes.ts';

/** The task failed on this host, or the host was lost; a block with `rescue` catches it. */
export class HostFailed extends Error {
  constructor(
    readonly task: Task,
    readonly result: TaskResult,
  ) {
    super(result.msg ?? 'failed');
    this.name = 'HostFailed';
  }
}

/** The host goes no further, without failure: end_host, end_play, end_batch; `role` ends the current role only. */
export class HostEnded extends Error {
  constructor(readonly scope: 'host' | 'role') {
    super(`ended ${scope}`);
    this.name = 'HostEnded';
  }
}

/** The run was interrupted. */
export class Interrupted extends Error {
  constructor() {
    super('interrupted');
    this.name = 'Interrupted';
  }
}
