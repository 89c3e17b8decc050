export function ensureBuilt(say: (line: string) => void): string;
