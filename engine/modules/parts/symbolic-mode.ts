/** What mode (octal) an octal or symbolic one makes of the mode that is there, as files.sh does on the host. */
export function symbolicMode(mode: string, current: number, isFolder: boolean, umask: number): string {
  if (/^[0-7]+$/.test(mode)) return mode;
  let now = current;
  for (const clause of mode.split(',')) {
    const who = /^[ugoa]*/.exec(clause)![0];
    const masked = who === '' ? 0o777 & ~umask : 0o777;
    const users = who === '' || who.includes('a') ? 'ugo' : who;
    for (const [, operator, letters] of clause.slice(who.length).matchAll(/([-+=])([^-+=]*)/g)) {
      for (const user of users) now = operate(now, user, operator!, letters!, isFolder, masked);
    }
  }
  return now.toString(8).padStart(3, '0');
}

const shifts: Record<string, number> = { u: 6, g: 3, o: 0 };
const plain: Record<string, number> = { r: 4, w: 2, x: 1 };

function operate(
  now: number,
  user: string,
  operator: string,
  letters: string,
  isFolder: boolean,
  masked: number,
): number {
  const shift = shifts[user]!;
  const setId = user === 'u' ? 0o4000 : user === 'g' ? 0o2000 : 0;
  const sticky = user === 'o' ? 0o1000 : 0;
  let bits = 0;
  for (const letter of letters) {
    if (letter in plain) bits |= (plain[letter]! << shift) & masked;
    else if (letter === 'X') bits |= isFolder || (now & 0o111) !== 0 ? 1 << shift : 0;
    else if (letter === 's') bits |= setId;
    else if (letter === 't') bits |= sticky;
    else bits |= ((now >> shifts[letter]!) & 7) << shift;
  }
  if (operator === '+') return now | bits;
  if (operator === '-') return now & ~bits;
  return (now & ~((7 << shift) | setId | sticky)) | bits;
}
