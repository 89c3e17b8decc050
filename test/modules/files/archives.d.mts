export function tar(
  entries: Array<{ name: string; type?: string; content?: string; mode?: number; to?: string; mtime?: number; uid?: number }>,
  options?: { gzip?: boolean },
): string;
export function zip(entries: Array<{ name: string; content?: string; mode?: number; to?: string }>): string;
