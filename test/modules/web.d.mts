export const contents: { body: Buffer; sha256: string; sha1: string; md5: string };
export function startWeb(address?: string): Promise<{ url: string; close(): void }>;
