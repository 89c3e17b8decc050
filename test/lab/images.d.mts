/** The folder of an image; builds it first where it is not there yet. */
export function ensureImage(name: string, say: (line: string) => void): Promise<string>;
