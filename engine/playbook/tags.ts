/** Which tasks `--tags` and `--skip-tags` choose. */

/** Whether a task with these tags runs: always, never, tagged, untagged, all as Ansible has them. */
export function tagsMatch(tags: readonly string[], only: readonly string[], skip: readonly string[]): boolean {
  const own = tags.length > 0 ? tags : ['untagged'];
  let run = true;
  if (only.length > 0) {
    if (own.includes('always')) run = true;
    else if (only.includes('all') && !own.includes('never')) run = true;
    else if (own.some((tag) => only.includes(tag))) run = true;
    else run = only.includes('tagged') && own[0] !== 'untagged' && !own.includes('never');
  } else {
    run = !own.includes('never');
  }
  if (run && skip.length > 0) {
    if (skip.includes('all')) {
      if (!own.includes('always') || skip.includes('always')) run = false;
    } else if (own.some((tag) => skip.includes(tag))) run = false;
    else if (skip.includes('tagged') && own[0] !== 'untagged') run = false;
  }
  return run;
}
