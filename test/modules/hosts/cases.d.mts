import type { Outcome } from '../cases.mjs';

/** A module's call on a host of its own: state before and what to look at after, as shell scripts. */
export interface HostCase {
  name: string;
  module: string;
  args: Record<string, unknown>;
  before?: string;
  probe?: string;
  once?: boolean;
  ignore?: string[];
  keep?: string[];
  environment?: Record<string, string>;
  differs?: { why: string; parts: string[] };
  requests?: number;
  /** Delegated to the host itself (synchronize). */
  toItself?: boolean;
}
export interface HostRecord {
  name: string;
  hash: string;
  /** What was there before the first step. */
  before: string;
  steps: Record<string, Outcome & { seen: string }>;
}
export const caseFolder: string;
export const recordFile: string;
export function folders(u?: string): { d: string; s: string; u?: string };
export function loadHostCases(): Promise<HostCase[]>;
export function hostHash(one: HostCase): string;
export function layOutScripts(root: string, cases: HostCase[]): void;
export function beforeLine(i: number): string;
export function probeLine(i: number): string;
export function seen(text: string): string;
export function steps(one: HostCase): string[];
