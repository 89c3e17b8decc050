"""Records how Ansible splits key=value text: run it with the reference's python3, output to test/yaml/key_values.json"""
import json

from ansible.parsing.splitter import parse_kv

texts = [
    "a=b", "a=b c=d", "a='b c' d=\"e f\"", "a=", "a=b=c", "echo hi", "echo a=b", "echo hi creates=/x", "creates=/x echo hi", "chdir=/tmp echo $x > y",
    "a  b   c", "  echo hi  ", "a=1  b=2", "msg={{ x }}", "msg={{ x + 'a b' }}", "msg=\"{{ x }} and {{ y }}\"", "a={{ b }} c={{ d }}", "{{ x }}", "a={% if x %}b c{% endif %}",
    "a={# c d #}e", "src=a \\\n dest=b", "echo a \\\n  b", "echo one\necho two\n", "if x; then\n    y\nfi", "a='it\\'s'", "a=\"say \\\"x\\\"\"", "msg=a\\nb", "msg='a\\tb'",
    "msg='a\\\\b'", "msg=\\u00e9", "msg=C:\\dir", "a\\=b", "a\\=b=c", "=x", "a= b", "a =b", "a='b'c", "a=b'c d'e", "x=\"a=b\"", "x='[1, 2]'", "x={\"a\": 1}", "x={'a':1,'b':2}",
    "executable=/bin/bash echo hi", "echo 'a  b'  c", "echo \"$(date  +%s)\"", "grep 'x y' /f | awk '{ print $1 }'", "sed -i 's/a=b/c/' f", "removes=/a creates=/b chdir=/c x y",
    "curl -X POST -d '{\"a\": \"b c\"}' http://x", "a=b\tc=d", "echo\ta", "echo a\n\n\necho b", "echo 'line one\nline two'", "a='x\n y'", "echo {{ a }}  {{ b }}", "warn=no echo", "stdin=x cat",
    "echo {% raw %}{{ a b }}{% endraw %} c", "mode=0644 owner=root", "é=ü ö=ä", "name=foo state=present,  ", "echo \\; b", "echo a\\ b", "find / -name '*.x' -exec rm {} \\;", "a=\"\"", "a=''", "a='", "echo it's",
    "a={{ b", "a=b }}", "a=\"b\" \"c\"", "\"a=b\"", "'a b'=c", "a.b=c", "a-b=c", "a[0]=b", "x=$HOME y=~", "x=\\'a\\'", "x=a\\", "echo a \\", "x='a' ", "a=b # c=d",
]
cases = []
for text in texts:
    entry = {"text": text}
    for raw in (False, True):
        try:
            entry["raw" if raw else "plain"] = parse_kv(text, check_raw=raw)
        except Exception as ex:
            entry["raw" if raw else "plain"] = None
    cases.append(entry)
print(json.dumps(cases, indent=1))
