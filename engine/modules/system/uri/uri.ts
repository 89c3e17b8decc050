import { ModuleFailure } from '../../../errors.ts';
import { dumpJson } from '../../../python/json.ts';
import { quoteWords, remotePath, type ShellValue } from '../../../remote/quote.ts';
import type { Reply } from '../../../remote/remote.ts';
import { type Dict, toPlain, type Value } from '../../../values.ts';
import { atMostOneOf, bool, dict, int, list, path, raw, str } from '../../args.ts';
import { changed, defineModule, type ModuleEnv, shell, unchanged, unpredicted } from '../../define.ts';
import { attributeArgs, attributeVariables, pathInfo } from '../../parts/attributes.ts';
import { type Answer, formUrlencoded, isJson, multipart, parseHeaders } from './uri-http.ts';

const INLINE = 32 * 1024;

export default defineModule({
  name: 'uri',
  doc: 'Asks a web service, from the host, and returns what it answers.',
  reference: 'ansible.builtin.uri',
  args: {
    url: str({ doc: 'The address.', required: true }),
    dest: path({ doc: 'A file of the host for the answer.' }),
    url_username: str({ doc: 'User for basic or digest authentication.', aliases: ['user'] }),
    url_password: str({ doc: 'Password of that user.', aliases: ['password'], secret: true }),
    body: raw({ doc: 'Body of the request.' }),
    body_format: str({
      doc: 'How a body that is not a text is written, and its Content-Type.',
      default: 'raw',
      choices: ['form-urlencoded', 'json', 'raw', 'form-multipart'],
    }),
    method: str({ doc: 'HTTP method.', default: 'GET' }),
    return_content: bool({ doc: 'Return the body as `content`.', default: false }),
    follow_redirects: str({
      doc: '`safe`: of GET and HEAD only; `all`; `none`.',
      default: 'safe',
      choices: ['all', 'no', 'none', 'safe', 'urllib2', 'yes'],
    }),
    creates: path({ doc: 'A file of the host: if it exists, nothing is asked.' }),
    removes: path({ doc: 'A file of the host: if it does not exist, nothing is asked.' }),
    status_code: list(int(), { doc: 'Status codes that are a success.', default: [200] }),
    timeout: int({ doc: 'Seconds without an answer.', default: 30 }),
    headers: dict({ doc: 'Further headers.', default: new Map() }),
    validate_certs: bool({ doc: "Check the server's certificate.", default: true }),
    client_cert: path({ doc: 'Certificate of the client, on the host (PEM; may hold the key).' }),
    client_key: path({ doc: 'Key of that certificate, on the host.' }),
    ca_path: path({ doc: 'CA certificates to trust, on the host (PEM).' }),
    src: path({ doc: 'A file with the body: of the controller, or of the host with `remote_src`.' }),
    remote_src: bool({ doc: '`src` is on the host.', default: false }),
    force: bool({ doc: 'Do not accept a cached answer.', default: false }),
    use_proxy: bool({ doc: "Use the proxy of the host's environment.", default: true }),
    unix_socket: path({ doc: 'A socket of the host to connect to.' }),
    http_agent: str({ doc: 'User-Agent.', default: 'ansible-httpget' }),
    unredirected_headers: list(str(), { doc: 'Has no effect: curl sends credentials to no other host.', default: [] }),
    force_basic_auth: bool({ doc: 'Send user and password without being asked.', default: false }),
    ciphers: list(str(), { doc: 'TLS ciphers to offer.' }),
    decompress: bool({ doc: 'Unpack a compressed answer.', default: true }),
    use_netrc: bool({ doc: "Look for credentials in the host's .netrc.", default: true }),
    use_gssapi: bool({ doc: 'Kerberos.', default: false, unsupported: 'Kerberos is not available here.' }),
    ...attributeArgs,
  },
  rules: [atMostOneOf('body', 'src')],
  check: 'skip',
  traits: { observes: true },
  returns: {
    status: { type: 'int', doc: 'Status code.' },
    url: 'Address of the answer after redirects.',
    content: { type: 'str', doc: 'The body, with `return_content`.', optional: true },
    json: 'The body as data, if it is JSON.',
    redirected: { type: 'bool', doc: 'Whether the answer came from another address.' },
    cookies: { type: 'dict', doc: 'Cookies by name.' },
    elapsed: 'Seconds.',
    msg: 'What the server said.',
    path: { type: 'str', doc: 'The file that was written.', optional: true },
  },
  examples: `- uri:
    url: http://127.0.0.1:8080/health
    return_content: true
  register: health
  until: health.status == 200
  retries: 10
  delay: 3
`,
  async run(args, env) {
    if (env.check) return unpredicted('This action (uri) does not support check mode.');
    const method = args.method.toUpperCase();
    if (!/^[A-Z]+$/.test(method)) {
      throw new ModuleFailure("Parameter 'method' needs to be a single word in uppercase, like GET or POST.");
    }
    const headers = new Map([...args.headers].map(([k, v]) => [String(k), String(toPlain(v))]));
    const body = await bodyOf(args, headers, env);
    const began = Date.now();
    const reply = await env.remote.call(shell('uri', import.meta.url), {
      h_url: args.url,
      h_method: method,
      ...(await bodyVariables(args, body, env)),
      dest: remotePath(args.dest),
      h_creates: remotePath(args.creates),
      h_removes: remotePath(args.removes),
      h_force: args.force,
      h_timeout: args.timeout,
      h_follow: follows(args.follow_redirects, method),
      h_insecure: !args.validate_certs,
      h_ca_path: remotePath(args.ca_path),
      h_client_cert: remotePath(args.client_cert),
      h_client_key: remotePath(args.client_key),
      h_unix_socket: remotePath(args.unix_socket),
      h_codes: args.status_code.join(' '),
      h_secret:
        args.url_password !== undefined ||
        [...headers.keys()].some((h) => /^(authorization|cookie|x-.*(token|key))$/i.test(h)),
      h_curl_config: curlConfig(args, method, headers),
      h_wget_config: wgetConfig(args, headers),
      h_wget_headers: quoteWords([...headers].flatMap(([k, v]) => ['--header', `${k}: ${v}`])),
      ...attributeVariables(args),
    });
    const why = reply.get('skipped');
    if (why !== '') {
      const stdout = `skipped, since '${why === 'creates' ? `${args.creates}' exists` : `${args.removes}' does not exist`}`;
      return unchanged({ stdout, stdout_lines: [stdout] });
    }
    return judge(args, reply, Math.floor((Date.now() - began) / 1000));
  },
});

interface Given {
  url: string;
  body?: Value | undefined;
  body_format: string;
  src?: string | undefined;
  remote_src: boolean;
  return_content: boolean;
  status_code: number[];
  follow_redirects: string;
  timeout: number;
  validate_certs: boolean;
  url_username?: string | undefined;
  url_password?: string | undefined;
  force_basic_auth: boolean;
  use_proxy: boolean;
  use_netrc: boolean;
  http_agent: string;
  ciphers?: string[] | undefined;
  force: boolean;
  decompress: boolean;
  dest?: string | undefined;
  headers: Dict;
}

function judge(args: Given, reply: Reply, elapsed: number) {
  const answer = reply.get('tool_rc') === '0' ? parseHeaders(reply.get('headers'), args.url) : undefined;
  const content = reply.bytes('body').toString('utf8');
  const values: Record<string, unknown> = { ...describe(answer, args.url), elapsed };
  if (reply.has('path')) values['path'] = reply.get('path');
  if (reply.has('wrote')) Object.assign(values, pathInfo(reply), { path: reply.get('path') });
  if (answer && isJson(answer.headers['content_type'])) {
    try {
      values['json'] = JSON.parse(content);
    } catch {
      // a server that says JSON and sends something else is shown as it is
    }
  }
  // Python's urllib raises these, and what it raises becomes the result
  if (answer && answer.status >= 300) {
    values['msg'] = `HTTP Error ${answer.status}: ${answer.reason}`;
    values['body'] = content;
    delete values['cookies'];
    delete values['cookies_string'];
  }
  if (args.return_content) values['content'] = content;
  const status = answer?.status ?? -1;
  // We asked for what is newer than the file only: that there is nothing newer is no failure.
  const current = status === 304 && reply.has('newer');
  if (current) values['msg'] = `HTTP Error 304: ${answer!.reason}`;
  if (current || args.status_code.includes(status)) return changed(reply.has('wrote'), values);
  const said = answer
    ? `HTTP Error ${answer.status}: ${answer.reason}`
    : `Request failed: ${reply.get('error').trim() || `exit code ${reply.get('tool_rc')}`}`;
  const msg = `Status code was ${status} and not [${args.status_code.join(', ')}]: ${answer && status < 300 ? values['msg'] : said}`;
  throw new ModuleFailure(msg, { ...values, msg, changed: false });
}

function describe(answer: Answer | undefined, url: string): Record<string, unknown> {
  if (!answer) return { url, status: -1, redirected: false };
  const { headers, cookies } = answer;
  return {
    ...headers,
    ...(headers['location'] === undefined ? {} : { location: new URL(headers['location'], url).href }),
    url: answer.url,
    redirected: answer.url !== url,
    status: answer.status,
    msg: `OK (${headers['content_length'] ?? 'unknown'} bytes)`,
    cookies,
    cookies_string: Object.entries(cookies)
      .map(([k, v]) => `${k}=${v}`)
      .join('; '),
  };
}

async function bodyOf(args: Given, headers: Map<string, string>, env: ModuleEnv): Promise<Buffer | undefined> {
  if (args.src !== undefined) {
    return args.remote_src ? undefined : env.files.read(env.files.find(args.src, 'files'));
  }
  const { body } = args;
  if (body === undefined || body === null) return undefined;
  const typed = [...headers.keys()].some((name) => name.toLowerCase() === 'content-type');
  const declare = (type: string) => {
    if (!typed) headers.set('Content-Type', type);
  };
  switch (args.body_format) {
    case 'json':
      declare('application/json');
      return Buffer.from(typeof body === 'string' ? body : dumpJson(body));
    case 'form-urlencoded':
      declare('application/x-www-form-urlencoded');
      return Buffer.from(typeof body === 'string' ? body : formUrlencoded(body));
    case 'form-multipart': {
      const made = await multipart(body, (name) => env.files.read(env.files.find(name, 'files')));
      headers.set('Content-Type', made.type);
      return made.body;
    }
    default:
      return Buffer.from(typeof body === 'object' ? dumpJson(body) : String(body));
  }
}

async function bodyVariables(
  args: Given,
  body: Buffer | undefined,
  env: ModuleEnv,
): Promise<Record<string, ShellValue>> {
  if (args.src !== undefined && args.remote_src) return { h_src: remotePath(args.src) };
  if (body === undefined) return {};
  if (body.length <= INLINE && !body.includes(0)) return { h_has_body: true, h_body: body };
  return { h_upload: await env.remote.upload(body, { name: 'body', size: body.length }) };
}

const follows = (how: string, method: string) =>
  how === 'all' || how === 'yes' || ((how === 'safe' || how === 'urllib2') && /^(GET|HEAD)$/.test(method));

/** curl's configuration, which it reads on stdin. */
function curlConfig(args: Given, method: string, headers: Map<string, string>): string {
  const lines = ['silent', 'show-error', 'globoff'];
  const set = (name: string, value: string) =>
    lines.push(`${name} = "${value.replace(/[\\"]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}"`);
  set('url', args.url);
  set('user-agent', args.http_agent);
  set('connect-timeout', String(args.timeout));
  set('speed-limit', '1');
  set('speed-time', String(args.timeout));
  const hasBody = args.body !== undefined || args.src !== undefined;
  if (method === 'HEAD') lines.push('head');
  // curl's own POST becomes a GET after a redirect, as browsers and Python do.
  else if (!(method === 'POST' && hasBody)) set('request', method);
  if (follows(args.follow_redirects, method)) lines.push('location');
  if (!args.validate_certs) lines.push('insecure');
  if (!args.use_proxy) set('noproxy', '*');
  if (args.ciphers) set('ciphers', args.ciphers.join(':'));
  if (args.use_netrc && args.url_username === undefined) lines.push('netrc-optional');
  if (args.url_username !== undefined) {
    set('user', `${args.url_username}:${args.url_password ?? ''}`);
    lines.push(args.force_basic_auth ? 'basic' : 'anyauth');
  }
  const names = [...headers.keys()].map((name) => name.toLowerCase());
  if (hasBody && !names.includes('content-type')) set('header', 'Content-Type: application/x-www-form-urlencoded');
  if (hasBody && !names.includes('expect')) lines.push('header = "Expect:"');
  if (args.force) set('header', 'cache-control: no-cache');
  if (args.decompress && names.includes('accept-encoding')) lines.push('compressed');
  for (const [name, value] of headers) set('header', value === '' ? `${name};` : `${name}: ${value}`);
  return lines.join('\n');
}

/** GNU wget's, in a private file. */
function wgetConfig(args: Given, headers: Map<string, string>): string {
  const line = (text: string) => text.replace(/[\r\n]+/g, ' ');
  const lines = [...headers].map(([name, value]) => line(`header = ${name}: ${value}`));
  lines.push(line(`user_agent = ${args.http_agent}`));
  if (!args.use_proxy) lines.push('use_proxy = off');
  if (args.url_username !== undefined) {
    lines.push(line(`http_user = ${args.url_username}`), line(`http_password = ${args.url_password ?? ''}`));
    if (args.force_basic_auth) lines.push('auth_no_challenge = on');
  }
  return lines.join('\n');
}
