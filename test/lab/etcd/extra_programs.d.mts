import type { Lab } from '../lab.mjs';

/** The directory of prometheus and promtool, of Debian's package; downloaded once and not installed. */
export function prometheusPrograms(): Promise<string>;
/** Puts the files of Debian packages (bookworm's, with what they need named too) into a host of a lab. */
export function addPackages(lab: Lab, host: string, names: string[]): Promise<void>;
