/**
 * Says what is wrong with Kubernetes manifests: by the types made from Kubernetes' own OpenAPI document (the package
 * kubernetes-types), which the compiler compares strictly, and by the forms that this document leaves open.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';

const modules = fileURLToPath(new URL('../../node_modules/', import.meta.url));
const types = join(modules, 'kubernetes-types');

export interface Manifest {
  apiVersion: string;
  kind: string;
  // biome-ignore lint/suspicious/noExplicitAny: what is below is what the check is about
  [key: string]: any;
}

/** The documents of a manifest. Kubernetes reads YAML 1.1, in which yes and on are booleans. */
export function manifests(text: string): Manifest[] {
  return parseAllDocuments(text, { version: '1.1' }).map((one) => {
    if (one.errors.length > 0) throw one.errors[0]!;
    return one.toJS() as Manifest;
  });
}

/** What is wrong with each document; an empty list for one that is as Kubernetes has it. */
export async function kubernetesFaults(documents: Manifest[]): Promise<string[][]> {
  const compiled = await compilerFaults(documents);
  return documents.map((one, i) => [...compiled[i]!, ...formFaults(one)]);
}

/** Each document as a literal of its type: unknown fields, missing ones and wrong types are errors of the compiler. */
async function compilerFaults(documents: Manifest[]): Promise<string[][]> {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-manifests-'));
  const faults = documents.map((): string[] => []);
  try {
    documents.forEach((one, i) => {
      const [version, group = 'core'] = String(one.apiVersion).split('/').reverse() as [string, string?];
      const module = join(types, group.split('.')[0]!, `${version}.d.ts`);
      if (!existsSync(module)) faults[i]!.push(`no such apiVersion: ${one.apiVersion}`);
      else
        writeFileSync(
          join(folder, `${i}.ts`),
          `import type { ${one.kind} } from '${module.replace(/\.d\.ts$/, '')}';\nexport const it: ${one.kind} & { metadata: { name: string } } = ${JSON.stringify(one)};\n`,
        );
    });
    const words = ['--noEmit', '--strict', '--module', 'esnext', '--moduleResolution', 'bundler', '--types', ''];
    const files = documents.flatMap((_, i) => (faults[i]!.length === 0 ? [`${i}.ts`] : []));
    if (files.length === 0) return faults;
    const said = await new Promise<string>((resolve, reject) => {
      execFile(
        join(modules, '.bin', 'tsc'),
        [...words, '--pretty', 'false', ...files],
        { cwd: folder },
        (error, stdout) => {
          if (error !== null && stdout === '') reject(error);
          else resolve(stdout);
        },
      );
    });
    for (const error of said.split(/\n(?=\S)/)) {
      const [, file, message] = /^(\d+)\.ts\(\d+,\d+\): error TS\d+: (.*)$/s.exec(error) ?? [];
      if (file !== undefined) faults[Number(file)]!.push(message!.replace(/\s+/g, ' ').trim());
      else if (error.trim() !== '') throw new Error(error);
    }
    return faults;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const label = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const quantity = /^\d+(\.\d+)?(m|[kMGTPE]|[KMGTPE]i)?$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What the API server checks beyond the OpenAPI document: names, numbers of ports, addresses, quantities, base64. */
function formFaults(one: Manifest): string[] {
  const faults: string[] = [];
  const need = (fine: boolean, what: string, value: unknown) => {
    if (!fine) faults.push(`${what}: ${JSON.stringify(value)}`);
  };
  need(label.test(one['metadata']?.name), 'no DNS label', one['metadata']?.name);
  if (one.kind !== 'Namespace')
    need(label.test(one['metadata']?.namespace), 'no DNS label as namespace', one['metadata']?.namespace);
  // A Service's name may not begin with a digit.
  if (one.kind === 'Service') need(/^[a-z]/.test(one['metadata']?.name), 'no name of a Service', one['metadata']?.name);
  walk(one, (key, value, parent) => {
    if (['port', 'containerPort', 'targetPort'].includes(key) && typeof value === 'number')
      need(Number.isInteger(value) && value >= 1 && value <= 65535, `no ${key}`, value);
    if (key === 'ip' || (key === 'addresses' && one.kind === 'EndpointSlice'))
      for (const ip of [value].flat()) {
        need(isIP(ip as string) > 0, 'no address', ip);
        if (one.kind === 'EndpointSlice')
          need(`IPv${isIP(ip as string)}` === one['addressType'], 'not of its type', ip);
      }
    if (key === 'requests' || key === 'limits')
      for (const [name, amount] of Object.entries(value as object))
        need(quantity.test(amount as string), `no quantity of ${name}`, amount);
    if (key === 'data' && one.kind === 'Secret')
      for (const [name, text] of Object.entries(value as object)) need(base64.test(text), `no base64 in ${name}`, text);
    if (key === 'protocol') need(['TCP', 'UDP', 'SCTP'].includes(value as string), 'no protocol', value);
    if (key === 'name' && ('port' in parent || 'containerPort' in parent))
      need(/^[a-z0-9-]{1,15}$/.test(value as string), 'no name of a port', value);
  });
  return faults;
}

function walk(value: unknown, see: (key: string, value: unknown, parent: object) => void): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) see(key, inner, value);
    walk(inner, see);
  }
}
