/** Names that nothing defines: what the look for them costs. */
import { expect } from 'chai';
import { play } from '../support/play.ts';

const PLAY = `
- hosts: h1
  tasks:
    - {name: a, debug: {msg: "{{ nowhere }}"}, when: false}
    - {name: b, debug: {msg: "{{ elsewhere }}"}, ignore_errors: true}
    - {name: c, debug: {msg: "{{ nosuchname }}"}}
`;

describe('names that nothing defines', () => {
  it('are looked for in files of any content, in time that grows with their length', async () => {
    // Each would take hours with an expression that tries a word's every end.
    const files = {
      'play.yml': PLAY,
      'one-word': 'a'.repeat(500_000),
      blanks: ' '.repeat(500_000),
      'words.txt': 'word '.repeat(100_000),
      commas: ','.repeat(500_000),
      quotes: `"${'a'.repeat(250_000)}`.repeat(2),
      'encoded.b64': Buffer.alloc(370_000, 'x1-').toString('base64'),
    };
    const { events } = await play(files);
    const warnings = events.flatMap((event) =>
      event.type === 'message' && event.level === 'warning' ? [event.text.split('\n')[0]] : [],
    );
    expect(warnings.join()).to.match(/`nosuchname` is defined nowhere/);
  });

  it('are looked for in template files too, where nothing could keep them from being needed', async () => {
    const files = {
      'play.yml': `
- hosts: h1
  vars: {known: 1, list: [1]}
  tasks:
    - {name: a, template: {src: a.j2, dest: "{{ playbook_dir }}/out"}, vars: {of_task: 1}}
    - {name: b, template: {src: b.j2, dest: "{{ playbook_dir }}/out"}, when: false}
    - {name: c, template: {src: c.j2, dest: "{{ playbook_dir }}/out"}}
`,
      'a.j2': [
        '# if, or, default: words of a comment; {{ ansible_managed }} {{ template_host }} {{ of_task }}',
        '{% set own = known %}{{ own }}',
        '{% if known == 2 %}{{ in_if }}{% endif %}',
        '{% for each in list %}{{ each }} {{ loop.index }}{% endfor %}',
        '{# {{ commented }} #}{% raw %}{{ raw_one }}{% endraw %}',
        'x'.repeat(120),
        '{{ maybe | default(1) }} {{ "a" if known else in_else }}',
        'x'.repeat(120),
        '{{ lost.key }}',
        '',
      ].join('\n'),
      'b.j2': '{{ not_needed }}\n',
      'c.j2': '{% include "d.j2" %}{{ of_include }}\n',
      'd.j2': '{% set of_include = 1 %}\n',
    };
    const { events } = await play(files);
    const warnings = events.flatMap((event) =>
      event.type === 'message' && event.level === 'warning' ? [event.text.split(/\n */, 2).join(' ')] : [],
    );
    expect(warnings).to.deep.equal(['`lost` is defined nowhere --> a.j2:9:4']);
  });
});
