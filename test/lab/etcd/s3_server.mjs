// A real S3 server for tests: npm's s3rver, over HTTPS, with the lab's own authority.
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import { ensureAuthority, issue } from '../mirror.mjs';

export async function startS3(folder, address) {
  mkdirSync(folder, { recursive: true });
  await issue(await ensureAuthority(), folder, address);
  const bucket = 'snapshots';
  const data = join(folder, 'data');
  const server = new S3rver({
    address,
    port: 0,
    silent: true,
    directory: data,
    key: readFileSync(join(folder, 'key.pem')),
    cert: readFileSync(join(folder, 'cert.pem')),
    configureBuckets: [{ name: bucket }],
    vhostBuckets: false,
  });
  const { port } = await server.run();
  return {
    url: `https://${address}:${port}`,
    bucket,
    accessKey: 'S3RVER',
    secretKey: 'S3RVER',
    folder: join(data, bucket),
    stop: () => server.close(),
  };
}
