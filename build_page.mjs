// Builds the page that shows a run: engine/reporters/page/ to one HTML file, with nothing fetched. The reporter puts a run in it.
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const root = dirname(fileURLToPath(import.meta.url));
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Writes page.html into a folder. */
export async function buildPage(folder) {
  const { output } = await build({
    root: join(root, 'engine/reporters/page'),
    configFile: false,
    logLevel: 'warn',
    oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
    build: {
      write: false,
      target: 'es2022',
      cssCodeSplit: false,
      modulePreload: false,
      rollupOptions: { input: join(root, 'engine/reporters/page/main.tsx'), output: { format: 'es' } },
    },
  });
  // A closing tag inside a text of the script would end it.
  const script = output.find((one) => one.type === 'chunk').code.replaceAll('</script', '<\\/script');
  const style = String(output.find((one) => one.fileName.endsWith('.css')).source);
  const policy = [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy.join('; ')}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{{title}}</title>
<style>${style}</style>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript: it shows the run that is stored in it. Nothing is fetched.</noscript>
{{run}}
<script type="module">${script}</script>
</body>
</html>
`;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'page.html'), page);
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  await buildPage(process.argv[2] ?? join(root, 'dist/reporters/page'));
