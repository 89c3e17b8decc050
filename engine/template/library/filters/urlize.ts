/** Jinja2's `urlize`: addresses in a text become links. */
import { escapeHtml } from '../html.ts';

interface UrlizeOptions {
  limit: number | undefined;
  nofollow: boolean;
  target: string | undefined;
  rel: string;
  schemes: string[];
}

const WEB =
  /^((?:https?:\/\/|www\.)(?:[\w%-]+\.)*[\w%-]+\.?[\w%-]*|(?:[\w%-]{2,}\.)+(?:com|net|int|edu|gov|org|info|mil)|https?:\/\/\[(?:[\da-f]{0,4}:){2,7}(?:[\da-f]{0,4}|(?:\d{1,3}\.){3}\d{1,3})\])(?::\d{1,5})?(?:[/?#]\S*)?$/i;
const MAIL = /^\S+@\w[\w.-]*\.\w+$/;

/** The text with its addresses as links. */
export function urlize(text: string, options: UrlizeOptions): string {
  const rel = [...new Set([...options.rel.split(/\s+/), options.nofollow ? 'nofollow' : '', 'noopener'])]
    .filter((word) => word !== '')
    .sort()
    .join(' ');
  const relText = rel ? ` rel="${escapeHtml(rel)}"` : '';
  const targetText = options.target ? ` target="${escapeHtml(options.target)}"` : '';
  const shown = (url: string) =>
    options.limit !== undefined && url.length > options.limit ? `${url.slice(0, options.limit)}...` : url;
  return escapeHtml(text)
    .split(/(\s+)/)
    .map((word) => {
      const head = /^(?:[(<]|&lt;)+/.exec(word)?.[0] ?? '';
      let middle = word.slice(head.length);
      let tail = '';
      const end = /(?:[)>.,\n]|&gt;)+$/.exec(middle);
      if (end) {
        tail = end[0];
        middle = middle.slice(0, -tail.length);
      }
      for (const [open, close] of [
        ['(', ')'],
        ['<', '>'],
        ['&lt;', '&gt;'],
      ] as const) {
        let missing = middle.split(open).length - middle.split(close).length;
        while (missing-- > 0 && tail.startsWith(close)) {
          middle += close;
          tail = tail.slice(close.length);
        }
      }
      const link = (href: string, more: string) => `<a href="${href}"${more}>${shown(middle)}</a>`;
      if (WEB.test(middle)) {
        middle = /^https?:\/\//.test(middle)
          ? link(middle, relText + targetText)
          : link(`https://${middle}`, relText + targetText);
      } else if (middle.startsWith('mailto:') && MAIL.test(middle.slice(7))) {
        middle = `<a href="${middle}">${middle.slice(7)}</a>`;
      } else if (middle.includes('@') && !middle.startsWith('www.') && !/^[@:]/.test(middle) && MAIL.test(middle)) {
        middle = `<a href="mailto:${middle}">${middle}</a>`;
      } else {
        for (const scheme of options.schemes) {
          if (middle !== scheme && middle.startsWith(scheme)) middle = link(middle, relText + targetText);
        }
      }
      return head + middle + tail;
    })
    .join('');
}
