import type { Lab, LabHost } from './lab.mjs';

export interface Mirror {
  /** Where releases are: `${url}/v3.5.16/etcd-v3.5.16-linux-amd64.tar.gz`; faults under `${url}/corrupt`, `${url}/cut`. */
  url: string;
  /** The newest version of each minor: { '3.4': '3.4.23', ... } */
  versions: Record<string, string>;
  /** Every version, oldest first. */
  all: string[];
  /** The SHA-256 of each version's tarball. */
  sums: Record<string, string>;
  caFile: string;
  /** The request lines so far: `GET /v3.5.16/SHA256SUMS 10.213.1.11`. */
  requests(): string[];
  stop(): Promise<void>;
}

export function startMirror(lab: Lab, options?: { say?: (line: string) => void; standIns?: boolean }): Promise<Mirror>;
export function ensureAuthority(): Promise<{ cert: string; key: string }>;
export function issue(
  authority: { cert: string; key: string },
  folder: string,
  address: string,
  names?: string[],
): Promise<void>;
export function trust(lab: Lab, host: LabHost, cert: string): Promise<void>;
