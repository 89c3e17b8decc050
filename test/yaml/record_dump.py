"""Records what Ansible's to_yaml and to_nice_yaml write: run it with the reference's python3, output to test/yaml/dumped.json"""
import json
import random

from ansible.plugins.filter.core import to_nice_yaml, to_yaml

words = [
    "a", "yes", "No", "null", "~", "", "1", "1.5", "0644", "1:30", "2001-12-14", "on", "=", "<<", "a: b", "a:b", "a #b", "a#b",
    "# c", "- x", "-x", "-", "--- x", "...", "?", "? x", "?x", ":", ":x", "x:", "[a]", "{a}", "a,b", "a]b", "*x", "&x", "!x", "%x", "@x",
    "`x", "'q'", '"q"', "it's", 'say "x"', "back\\slash", " lead", "trail ", "two  spaces", "tab\tin", "new\nline", "end\n", "\nstart",
    "two\n\nlines\n", "space \nbreak", "break\n space", "é", "日本", "😀", "\x07bell", "\u2028sep", "\u00a0nbsp", "\ufeffbom", "C:\\dir", "http://x.y/z?a=b#c",
    "0x1f", "1e5", "1.0e+5", ".5", ".inf", "true", "TRUE", "tRUE", "y", "Off", "{{ x }}", "{% x %}", "50%", "a|b", "> x", "|",
    "word " * 30, "word " * 15 + "x", "w" * 100 + " " + "z" * 20, "it's " * 30, 'a"b\t' * 30, "x: " * 40, "line one is long enough to be folded somewhere near the end of it\nline two " * 3,
    "double  spaces  in  a  long  line  that  must  be  folded  somewhere  or  maybe  not  at  all  who  knows", "\tlong with tab and words " * 6,
]
values = [
    *words, None, True, False, 0, -5, 12345678901234567890, 1.0, 1.5, -0.0, 1e16, 1e-5, 1.5e300, 0.0001, 123456789.125, float("inf"), float("-inf"), float("nan"),
    [], {}, [[]], [{}], {"a": []}, {"a": {}}, [1, 2], {"b": 1, "a": 2}, {"a": [1, 2], "b": {"c": 1}}, [[1, 2], [3, [4]]], [{"a": 1}, {"b": [1]}],
    {"a": [{"b": 1, "c": [1, {"d": 2}]}]}, {1: "a", "1": "b"}, {2: "a", 1: "b"}, {True: 1, False: 2}, {None: 1}, {"": 1}, {"a b": 1, "c: d": 2, "e\nf": 3, "k" * 130: 4, "k" * 120: 5},
    {"list": ["word " * 10] * 3 + ["x"]}, {"k%02d" % i: i for i in range(30)}, ["item%d" % i for i in range(30)], {"é": 1, "z": 2, "😀": 3, "a": 4},
    {"a": {"b": {"c": {"d": "word " * 30}}}}, ["word " * 30], [["word " * 30]], [[[1]]], {"a": [[1, [2, {"b": [3]}]]]}, [[], {}, [[]]], {"a": "x\ny\n", "b": ["p\n"]},
]
shared = [1]
values.append({"a": shared, "b": shared, "c": [shared]})
twice = {"x": 1}
values.append([twice, twice])
rng = random.Random(7)


def grow(depth):
    kind = rng.random()
    if depth == 0 or kind < 0.5:
        return rng.choice(words + [None, True, 3, 2.5])
    if kind < 0.75:
        return [grow(depth - 1) for _ in range(rng.randrange(4))]
    return {rng.choice(words): grow(depth - 1) for _ in range(rng.randrange(4))}


values += [grow(4) for _ in range(150)]


def typed(value):
    if isinstance(value, float):
        return {"float": repr(value)}
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, list):
        kind = {"list": [typed(v) for v in value]}
    else:
        kind = {"dict": [[typed(k), typed(v)] for k, v in value.items()]}
    return {**kind, "same": "list"} if value is shared else {**kind, "same": "dict"} if value is twice else kind


styles = [{}, {"nice": True}, {"indent": 2, "nice": True}, {"width": 40}, {"sort_keys": False, "nice": True}, {"default_flow_style": True}, {"indent": 8, "width": 1000, "nice": True}]
cases = []
for value in values:
    outputs = []
    for style in styles:
        options = {k: v for k, v in style.items() if k != "nice"}
        outputs.append((to_nice_yaml if style.get("nice") else to_yaml)(value, **options))
    cases.append({"value": typed(value), "outputs": outputs})
print(json.dumps({"styles": styles, "cases": cases}))
