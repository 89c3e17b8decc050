/** `free text key=value key="a b"`, as old lookups take their arguments in one term. */
export function keyValues(text: string): { rest: string; named: Map<string, string> } {
  const named = new Map<string, string>();
  const rest: string[] = [];
  for (const [word] of text.matchAll(/(?:[^\s"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|["'])+/g)) {
    const match = /^(\w+)=([\s\S]*)$/.exec(word);
    if (match) named.set(match[1]!, match[2]!.replace(/^(["'])([\s\S]*)\1$/, '$2'));
    else rest.push(word);
  }
  return { rest: rest.join(' '), named };
}
