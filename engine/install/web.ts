/** Archives from addresses, and indexes in the form of Galaxy's. */
import { createHash } from 'node:crypto';
import { mistake } from '../errors.ts';
import type { Requirement } from './requirements.ts';
import { newest } from './versions.ts';

const MOST = 256 * 1024 * 1024;

/** What an address holds, up to a limit. */
export async function download(address: string, what: string): Promise<Buffer> {
  if (!/^https?:\/\//.test(address))
    throw mistake(`${what}: \`${address}\` is not an address`, undefined, 'write https://...');
  let response: Response;
  try {
    response = await fetch(address, { redirect: 'follow' });
  } catch (error) {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    throw mistake(`${what}: cannot reach ${address}: ${cause?.code ?? cause?.message ?? (error as Error).message}`);
  }
  if (!response.ok) throw mistake(`${what}: ${address} answered ${response.status} ${response.statusText}`.trimEnd());
  // An address that began safely does not end otherwise.
  if (address.startsWith('https:') && !response.url.startsWith('https:'))
    throw mistake(`${what}: ${address} leads to ${response.url}, which is not https`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += (chunk as Uint8Array).length;
    if (size > MOST) throw mistake(`${what}: ${address} has more than ${MOST} bytes`);
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks);
}

async function json(address: string, what: string): Promise<unknown> {
  const text = (await download(address, what)).toString('utf8');
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw mistake(`${what}: ${address} did not answer with JSON`);
  }
}

interface Published {
  version: string;
  address: string;
  /** SHA-256 of the archive, where the index says it. */
  sha256: string | undefined;
}

/** Where the index has the newest version that fits. */
export async function published(requirement: Requirement, server: string): Promise<Published> {
  const { kind, source, version, place } = requirement;
  const what = `${kind} ${requirement.name}`;
  const versions = await versionsOf(requirement, server);
  const found =
    newest(versions, version) ?? (version !== undefined && versions.includes(version) ? version : undefined);
  if (!found)
    throw mistake(
      `${server} has no version of the ${what} that fits ${version ?? '*'}`,
      place,
      versions.length > 0 ? `it has: ${versions.slice(-10).join(', ')}` : undefined,
    );
  if (kind === 'role') return { version: found, address: await roleArchive(source, found, server), sha256: undefined };
  const [namespace, name] = source.split('.');
  const page = (await json(`${collectionUrl(server, namespace!, name!)}${found}/`, what)) as {
    download_url?: string;
    artifact?: { sha256?: string };
  };
  if (!page.download_url) throw mistake(`${what}: ${server} does not say where version ${found} is`);
  return { version: found, address: new URL(page.download_url, server).href, sha256: page.artifact?.sha256 };
}

const collectionUrl = (server: string, namespace: string, name: string): string =>
  `${server.replace(/\/+$/, '')}/api/v3/plugin/ansible/content/published/collections/index/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}/versions/`;

/** All versions that an index has. */
export async function versionsOf({ kind, name, source, place }: Requirement, server: string): Promise<string[]> {
  const what = `${kind} ${name}`;
  if (kind === 'role') {
    const { summary_fields: fields } = await rolePage(source, server);
    return (fields?.versions ?? []).map((one) => one.name);
  }
  const [namespace, short] = source.split('.');
  if (!namespace || !short)
    throw mistake(`\`${source}\` is not the name of a collection`, place, 'write `namespace.name`');
  const versions: string[] = [];
  for (let address: string | null = `${collectionUrl(server, namespace, short)}?limit=100`; address; ) {
    const page = (await json(address, what)) as { data?: { version: string }[]; links?: { next?: string | null } };
    versions.push(...(page.data ?? []).map((one) => one.version));
    address = page.links?.next ? new URL(page.links.next, server).href : null;
    if (versions.length > 10_000) break;
  }
  return versions;
}

interface RolePage {
  github_user?: string;
  github_repo?: string;
  summary_fields?: { versions?: { name: string; download_url?: string }[] };
}

async function rolePage(source: string, server: string): Promise<RolePage> {
  const [owner, name] = source.split('.');
  if (!owner || !name)
    throw mistake(
      `\`${source}\` is not a role of an index`,
      undefined,
      'write `owner.name`, or the address of its repository as `src`',
    );
  const address = `${server.replace(/\/+$/, '')}/api/v1/roles/?owner__username=${encodeURIComponent(owner)}&name=${encodeURIComponent(name)}`;
  const page = (await json(address, `role ${source}`)) as { results?: RolePage[] };
  const [found] = page.results ?? [];
  if (!found) throw mistake(`${server} has no role \`${source}\``);
  return found;
}

async function roleArchive(source: string, version: string, server: string): Promise<string> {
  const page = await rolePage(source, server);
  const named = page.summary_fields?.versions?.find((one) => one.name === version)?.download_url;
  return named
    ? new URL(named, server).href
    : `https://github.com/${page.github_user}/${page.github_repo}/archive/${version}.tar.gz`;
}

/** Refuses an archive that is not what the index says. */
export function requireHash(archive: Buffer, sha256: string | undefined, what: string): void {
  if (sha256 === undefined) return;
  const found = createHash('sha256').update(archive).digest('hex');
  if (found !== sha256)
    throw mistake(
      `${what} was not installed: its archive is not the one that the index names (sha256 ${found}, not ${sha256})`,
    );
}
