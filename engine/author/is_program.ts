/** Whether a file of a playbook is a program: TypeScript or JavaScript. In a file of its own, since most runs have none to load. */
export const isProgram = (path: string): boolean => /\.(ts|mts|js|mjs)$/.test(path);
