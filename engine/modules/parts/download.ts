/** Arguments of modules that download on the host, and what download.sh needs of them. */
import { ModuleFailure } from '../../errors.ts';
import { remotePath, type ShellValue } from '../../remote/quote.ts';
import { bool, list, path, str } from '../args.ts';

export const downloadArgs = {
  force: bool({ doc: 'Download although the file is there.', default: false }),
  http_agent: str({ doc: 'How the request calls itself.', default: 'ansible-httpget' }),
  use_proxy: bool({ doc: 'Use the proxy of the environment.', default: true }),
  use_netrc: bool({ doc: 'Take credentials from ~/.netrc.', default: true }),
  validate_certs: bool({ doc: "Check the server's certificate.", default: true }),
  url_username: str({ doc: 'User name.', aliases: ['username'] }),
  url_password: str({ doc: 'Password.', aliases: ['password'], secret: true }),
  force_basic_auth: bool({ doc: 'Send the password without being asked.', default: false }),
  client_cert: path({ doc: 'PEM file on the host with a certificate for the server.' }),
  client_key: path({ doc: 'PEM file on the host with its key.' }),
  use_gssapi: bool({ doc: 'Kerberos.', default: false, unsupported: 'the host has no library for it' }),
  ciphers: list(str(), { doc: 'TLS ciphers.' }),
  decompress: bool({ doc: 'Unpack an answer in gzip encoding.', default: true }),
} as const;

interface Download {
  http_agent: string;
  use_proxy: boolean;
  use_netrc: boolean;
  validate_certs: boolean;
  url_username?: string | undefined;
  url_password?: string | undefined;
  force_basic_auth: boolean;
  client_cert?: string | undefined;
  client_key?: string | undefined;
  ciphers?: string[] | undefined;
  decompress: boolean;
  timeout: number;
}

/** The variables that download.sh reads. */
export function downloadVariables(args: Download): Record<string, ShellValue> {
  for (const text of [args.http_agent, args.url_username, args.url_password]) {
    if (text !== undefined && /[\r\n]/.test(text))
      throw new ModuleFailure('an argument of the request holds a newline');
  }
  return {
    http_agent: args.http_agent,
    use_proxy: args.use_proxy,
    use_netrc: args.use_netrc,
    insecure: !args.validate_certs,
    username: args.url_username,
    password: args.url_password,
    force_basic_auth: args.force_basic_auth,
    client_cert: remotePath(args.client_cert),
    client_key: remotePath(args.client_key),
    ciphers: args.ciphers?.join(':'),
    decompress: args.decompress,
    timeout: args.timeout,
  };
}

/** The last part of an address's path. */
export function urlFilename(url: string): string {
  if (!/^(https?|ftps?|file):/i.test(url) || /[\x00-\x20]/.test(url)) {
    throw new ModuleFailure(`not an address of http, https, ftp or file: ${url}`);
  }
  const name = url
    .replace(/^[a-z]+:\/\/[^/?#]*/i, '')
    .replace(/[?#].*$/s, '')
    .split('/')
    .at(-1)!;
  return name === '' ? 'index.html' : name;
}
