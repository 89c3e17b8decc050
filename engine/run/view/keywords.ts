/** How keywords are rendered in a run: in the scope of a task on a host, or of the play. */
import type { Render } from '../../playbook/keyword.ts';
import { OMIT } from '../../template/index.ts';
import type { VarScope } from '../../vars/scope.ts';

/** Renders in a scope, as the reader of keywords takes it. */
export function rendering(scope: VarScope): Render {
  return (value) => {
    const rendered = scope.resolve(value);
    return rendered === OMIT ? undefined : rendered;
  };
}
