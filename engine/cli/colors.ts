/** Whether to use colours: what the user says first, then what the screen can do. */
export function wantsColors(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  isTTY: boolean,
): boolean {
  const end = args.indexOf('--');
  const yes = (name: string) => !['', '0', 'false', 'no', 'False'].includes(environment[name] ?? '');
  if (args.slice(0, end < 0 ? undefined : end).includes('--no-color')) return false;
  // By no-color.org any value but an empty one counts.
  if ((environment['NO_COLOR'] ?? '') !== '' || yes('ANSIBLE_NOCOLOR')) return false;
  if (yes('FORCE_COLOR') || yes('ANSIBLE_FORCE_COLOR')) return true;
  return isTTY && environment['TERM'] !== 'dumb';
}
