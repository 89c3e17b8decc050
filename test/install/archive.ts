/** Archives for tests, with whatever names and kinds of entries. */
import { type Headers, pack } from 'tar-stream';

export type Entry = Partial<Headers> & { name: string; content?: string | Buffer };

/** An archive of these entries, whatever their names are. */
export async function archive(...entries: Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of entries)
    tar.entry({ mode: 0o644, ...header } as Headers, content as string);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
