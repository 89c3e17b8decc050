export const LEVEL_NAMES: string[];
export function projectOf(levels: string[]): { files: { [path: string]: string }; args: string[] };
