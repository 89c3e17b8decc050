// xml, whose library on the twin is lxml.
const beer = `<?xml version='1.0' encoding='UTF-8'?>
<business type="bar">
  <name>Tasty Beverage Co.</name>
    <beers>
        <beer>Rochefort 10</beer>
        <beer>St. Bernardus Abbot 12</beer>
        <beer>Schlitz</beer>
    </beers>
  <rating subjective="true">10</rating>
  <website>
    <mobilefriendly/>
    <address>http://tastybeverageco.com</address>
  </website>
</business>`;
const spaced = `<?xml version="1.0"?>
<!-- first -->
<root xmlns="http://x.example.org/d" xmlns:a="http://x.example.org/a">
<a:one k="v" a:k="w">t &amp; &lt;u&gt; "q"</a:one><two><![CDATA[<raw>]]></two></root>
`;
const x = (name, args, text = beer, more = {}) => ({
  name: `xml: ${name}`,
  module: 'community.general.xml',
  args: { path: '{d}/x.xml', ...args },
  before: `cat >x.xml <<'END'\n${text}\nEND`,
  probe: 'cat x.xml; stat -c %A x.xml; ls | wc -l',
  ...more,
});
const ns = { namespaces: { d: 'http://x.example.org/d', a: 'http://x.example.org/a' } };

export default [
  x('removed attribute', { xpath: '/business/rating/@subjective', state: 'absent' }),
  x('removed element', { xpath: '/business/rating', state: 'absent' }),
  x('removed elements', { xpath: '/business/beers/beer', state: 'absent' }),
  x('removed, not there', { xpath: '/business/none', state: 'absent' }),
  x('a text', { xpath: '/business/rating', value: '11' }),
  x('a text as it is', { xpath: '/business/rating', value: '10' }),
  x('an attribute', { xpath: '/business/rating', attribute: 'subjective', value: 'false' }),
  x('a new attribute', { xpath: '/business/rating', attribute: 'x', value: 'a "b" <c>' }),
  x('a new element', { xpath: '/business/opening', value: 'late & <long>' }),
  x('new elements on the way', { xpath: '/business/a/b/c', value: 'deep' }),
  x('an element with an attribute', { xpath: '/business/a[@k="v"]' }),
  x('present, there', { xpath: '/business/rating' }),
  x('present, text said', { xpath: '/business/rating/text()="12"' }, beer, {
    differs: {
      why: 'Ansible crashes where the expression is a comparison that holds',
      parts: ['changed', 'failed', 'values', 'diff', 'msg'],
    },
  }),
  x('present, attribute said', { xpath: '/business/rating/@z="12"' }, beer, {
    differs: {
      why: 'Ansible crashes where the expression is a comparison that holds',
      parts: ['changed', 'failed', 'values', 'diff', 'msg'],
    },
  }),
  x('children added', {
    xpath: '/business/beers',
    add_children: [{ beer: 'Old Rasputin' }, 'empty', { beer: { '+value': 'x', k: 'v', _: [{ sub: 's' }] } }],
  }),
  x('children before', {
    xpath: '/business/beers/beer[text()="Schlitz"]',
    add_children: [{ beer: 'B' }],
    insertbefore: true,
  }),
  x('children after', {
    xpath: '/business/beers/beer',
    add_children: [{ beer: 'A' }, { beer: 'C' }],
    insertafter: true,
  }),
  x('children as XML', { xpath: '/business/beers', add_children: ['<beer k="1">x<y/></beer>'], input_type: 'xml' }),
  x('children set', { xpath: '/business/beers', set_children: [{ beer: 'one' }, { beer: 'two' }] }),
  x('counted', { xpath: '/business/beers/beer', count: true }),
  x('matches', { xpath: '/business/beers/beer', print_match: true }),
  x('texts', { xpath: '/business/beers/beer', content: 'text' }),
  x('attributes', { xpath: '/business/rating', content: 'attribute' }),
  x('pretty', { pretty_print: true }),
  x('pretty with a change', { xpath: '/business/rating', value: '11', pretty_print: true }),
  x('a backup', { xpath: '/business/rating', value: '11', backup: true }, beer, { ignore: ['backup_file'] }),
  x('namespaces: a text', { xpath: '/d:root/a:one', value: 'new', ...ns }, spaced),
  x('namespaces: an attribute', { xpath: '/d:root/a:one', attribute: 'a:k', value: 'new', ...ns }, spaced),
  x('namespaces: shown', { xpath: '/d:root/a:one', content: 'attribute', ...ns }, spaced),
  x('namespaces: removed', { xpath: '/d:root/d:two', state: 'absent', ...ns }, spaced),
  x('CDATA kept', { xpath: '/d:root/a:one', value: 'n', ...ns }, spaced),
  x('CDATA stripped', { xpath: '/d:root/a:one', value: 'n', strip_cdata_tags: true, ...ns }, spaced),
  x('no such file', { path: '{d}/none.xml', xpath: '/a', value: 'b' }),
  x('not XML', { xpath: '/a', value: 'b' }, '<a><b></a>'),
  x('a bad expression', { xpath: '/a[', value: 'b' }),
  x('a text instead of a file', { path: undefined, xmlstring: '<a><b>1</b></a>', xpath: '/a/b', value: '2' }),
];
