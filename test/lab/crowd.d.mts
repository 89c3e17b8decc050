import type { Lab } from './lab.mjs';

export function makeCrowd(lab: Lab, options: { count: number }): Promise<{ addresses: string[]; inventory(path: string): string }>;
