import type { Lab } from './lab.mjs';

export function startRelay(lab: Lab, options: { delay: number }): Promise<{ inventory(path: string): string; stop(): Promise<void> }>;
