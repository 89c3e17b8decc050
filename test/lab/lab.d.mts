/** One host of a lab. */
export interface LabHost {
  name: string;
  address: string;
  fqdn: string;
}

/** What a command printed and how it ended: `rc` is a number, or the name of a signal. */
export interface Outcome {
  rc: number | string;
  stdout: string;
  stderr: string;
}

export interface ExecOptions {
  user?: string;
  via?: 'ssh' | 'nsenter';
  input?: string;
  check?: boolean;
  timeout?: number;
}

export interface Lab {
  name: string;
  image: string;
  folder: string;
  gateway: string;
  keyFile: string;
  knownHostsFile: string;
  inventoryFile: string;
  hosts: LabHost[];
  inventory(path: string, options?: { group?: string; user?: string }): string;
  exec(host: string | LabHost, command: string, options?: ExecOptions): Promise<Outcome>;
  root(host: string | LabHost): string;
  stop(): Promise<void>;
}

export interface LabOptions {
  name?: string;
  hosts?: number;
  image?: 'plain' | 'python' | 'tools' | 'tools-python' | 'busybox';
  detached?: boolean;
  say?: (line: string) => void;
}

export const stateDir: string;
export class LabUnavailable extends Error {}
export function whyNoLab(): string | undefined;
export function startLab(options?: LabOptions): Promise<Lab>;
export function openLab(name: string): Lab | undefined;
export function listLabs(): { name: string; image: string; up: boolean; hosts: LabHost[] }[];
export function sweepLabs(say?: (line: string) => void): Promise<void>;
export function stopLab(name: string): boolean;
