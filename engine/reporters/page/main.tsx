/** Starts the page: with the run that is in it, or with the events of one that goes on. */
import { render } from 'preact';
import { App } from './app.tsx';
import { Collector } from './collect.ts';
import type { PageRun } from './page_run.ts';
import './style.css';

async function inflate(text: string): Promise<PageRun> {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return (await new Response(stream).json()) as PageRun;
}

function follow(root: HTMLElement, url: string): void {
  const collector = new Collector();
  let version = 0;
  let waiting = false;
  const draw = () => {
    waiting = false;
    render(<App run={collector.run} version={++version} />, root);
  };
  const source = new EventSource(url);
  source.onmessage = ({ data }) => {
    const event = JSON.parse(data as string);
    collector.see(event);
    if (event.type === 'run:end') source.close();
    if (!waiting) {
      waiting = true;
      setTimeout(draw, 250);
    }
  };
  draw();
}

const root = document.getElementById('page')!;
const data = document.getElementById('run')!;
const events = data.dataset['events'];
if (events) follow(root, events);
else render(<App run={await inflate(data.textContent!.trim())} version={0} />, root);
