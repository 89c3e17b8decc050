/** Help for an undefined name that is compared with. */
export function quotesFor(name: string, condition: string): string | undefined {
  if (name === 'null' || name === 'nil')
    return 'nothing is written `none`; for a name that may be missing write `is defined`';
  return new RegExp(`[!=]=\\s*${name.replace(/\W/g, '\\$&')}\\s*($|[\\s)])`).test(condition)
    ? `a text needs quotes: '${name}'`
    : undefined;
}
