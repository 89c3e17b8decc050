# Records what Python makes of regular expressions; its output is recorded/python-regex.json:
#   python3 -W ignore test/modules/files/python-regex.py > test/modules/recorded/python-regex.json
import re, json
pats = [r'^a', r'a$', r'^a$', r'\Aab\Z', r'a.c', r'(?s)a.c', r'(?m)^b', r'(?m)a$', r'(?i)ABC', r'[]a]+', r'[^]a]+', r'[a\]-]+', r'[\w-]+', r'[-a]+', r'\d+', r'\w+', r'\s+', r'\S+', r'\W', r'\D', r'\bfoo\b', r'\Boo', r'(a)(b)?', r'(?P<x>a+)(?P=x)', r'(a)\1', r'(?:ab)+', r'a{2}', r'a{2,}', r'a{,2}', r'a{2,3}?', r'a{', r'a{b}', r'{a}', r'x*', r'a+?b', r'(?=b)', r'(?!b).', r'(?<=a)b', r'(?<!a)b', r'(?#comment)a', r'(?x) a b # c', r'\t', r'\x41', r'\101', r'\0', r'[\x41-\x43]', r'[\d.]+', r'\.', r'\-', r'\/', r'a|b|', r'()', r'(?i:A)b', r'[[:alpha:]]', r'\$', r'^\s*#?\s*Port\s', r'^(\s*)option\s*=\s*(.*)$', r'$', r'^', r'\Z', r'.', r'[.]', r'[^\n]+', r'é', r'\w+é', r'[é-ü]', r'a-z', r'[a&&b]', r'[a-c--b]', r'\\', r'"', r"'", r'(?ms)^b.*$', r'\u00e9', r'\n', r'[\n]', r'\r?\n', r'(?P<first>\w)(?P<rest>\w+)', r'((a)|b)+', r'(?i)É', r'[A-z]+', r'\ ', r'#', r'%s', r'(a(b(c)))', r'\_', r'a\ b', r'[\s]', r'[\S]', r'[^\s]+', r'[^\w]+', r'[\W]', r'[\W_x]+', r'[^\W]+', r'\btest', r'^$', r'(?m)^$']
texts = ['abc\nabd\n', 'a', 'foo bar\nfoobar', 'aa ]-a a{b} {a}', 'aaaa', 'Port 22\n# Port 33\n#Port 4', 'a.b-c_d 12.5 ABC', 'tab\there\\ "q" \'s\'', 'grüße é ÉT\u00e9', 'a\r\nb\r\n', '', 'option = value\n', 'test a b $x %s #', 'A\x00b', '\n\n']
out = []
for p in pats:
    for mode in ('text', 'bytes'):
        try:
            r = re.compile(p if mode == 'text' else p.encode())
        except re.error as e:
            out.append([mode, p, None]); continue
        rows = []
        for t in texts:
            s = t if mode == 'text' else t.encode()
            rows.append([[m.start(), m.end(), [None if g is None else (g if mode=='text' else g.decode('latin1')) for g in m.groups()]] for m in r.finditer(s)])
        out.append([mode, p, rows])
subs = []
for p, rep, t in [(r'(\w)(\w+)', r'\2\1', 'abc def'), (r'(?P<f>a)', r'<\g<f>>', 'banana'), (r'a', r'\\', 'a'), (r'a', r'\n\t', 'xax'), (r'(a)', r'\g<1>0', 'a'), (r'a', r'\g<0>!', 'aa'), (r'a', '$1 $& $$', 'a'), (r'(x)?a', r'[\1]', 'a'), (r'x*', '-', 'abxc'), (r'a', r'\.', 'a'), (r'a', r'\060', 'a')]:
    subs.append([p, rep, t, re.sub(p, rep, t)])
bad = []
for p, rep in [(r'a', r'\2'), (r'a', r'\g<no>'), (r'a', r'\q')]:
    try: re.sub(p, rep, 'a'); bad.append([p,rep,'ok'])
    except Exception as e: bad.append([p, rep, 'error'])
import sys
json.dump({'by': 'Python ' + sys.version.split()[0], 'texts': texts, 'patterns': out, 'subs': subs, 'bad': bad}, sys.stdout, ensure_ascii=False)
