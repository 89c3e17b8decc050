/** Placeholder text. */

import type { Kwargs } from '../../python/objects.ts';
import type { Py } from '../../python/py.ts';

const WORDS = (
  'a ac accumsan ad adipiscing aenean aliquam amet ante arcu at augue bibendum blandit commodo condimentum congue consectetur ' +
  'cras cum curabitur dapibus diam dictum dignissim dolor donec dui egestas eget elit enim erat eros est et eu facilisis fames ' +
  'felis fermentum fringilla fusce gravida habitant hac hendrerit iaculis id in integer interdum ipsum justo lacinia lacus leo ' +
  'libero ligula lorem luctus magna massa mattis mauris metus mi mollis morbi nam nec neque nibh nisi non nulla nunc odio orci ' +
  'ornare pede pellentesque pharetra porta posuere purus quam quis rhoncus risus sagittis sapien sed sem senectus sit sodales ' +
  'tellus tempor tincidunt tortor turpis ultrices urna ut varius vel velit vestibulum vitae viverra vulputate'
).split(' ');

/** `lipsum(n=5, html=True, min=20, max=100)`. */
export function lipsum(args: Py[], kwargs: Kwargs, random: () => number): string {
  const take = (index: number, name: string, otherwise: Py) => args[index] ?? kwargs.get(name) ?? otherwise;
  const count = Number(take(0, 'n', 5));
  const html = Boolean(take(1, 'html', true));
  const least = Number(take(2, 'min', 20));
  const most = Number(take(3, 'max', 100));
  const pick = (n: number) => Math.floor(random() * n);
  const paragraphs = Array.from({ length: count }, () => {
    const words = Array.from({ length: least + pick(Math.max(1, most - least)) }, () => WORDS[pick(WORDS.length)]!);
    const text = `${words.join(' ')}.`;
    return text[0]!.toUpperCase() + text.slice(1);
  });
  return html ? paragraphs.map((p) => `<p>${p}</p>`).join('\n') : paragraphs.join('\n\n');
}
