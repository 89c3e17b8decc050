"""Records what the ini inventory makes of values, by Python's literals: python3 test/inventory/record_literals.py > test/inventory/literals.json"""
import ast
import json
import math

texts = [
    "1", "-1", "+1", "--1", "- 1", "1.5", "1.", ".5", "-.5", "1e3", "1E-2", "1_000", "1__0", "_1", "1_", "0", "00", "007", "0644", "0o17", "0O7", "0x1F", "0X_ff", "0b101", "0b2", "1j", "1.5e", "1e",
    "True", "False", "None", "true", "null", "Truex", "True False", "'a'", '"a"', "'a", "a'", "''", '""', "'a' 'b'", "'a' \"b\"", "'a'b", "r'a\\nb'", "'a\\nb'", "'a\\qb'", "'\\x41'", "'\\u00e9'", "'\\U0001F600'",
    "'\\101'", "'\\0'", "'a\\'b'", "'''a'''", "'''a\nb'''", '"""x"y"""', "'a\nb'", "u'a'", "b'a'", "f'a'", "rb'a'", "[", "]", "[]", "[1]", "[1,]", "[,]", "[1, 2", "[1 2]", "[1, [2, [3]]]", "[a]", "['a', 1.5, None, True]",
    "()", "(1)", "(1,)", "(1, 2)", "1, 2", "1,", ",1", "{}", "{'a': 1}", "{'a': 1,}", "{'a': {'b': [1]}}", "{'a'}", "{1: 'x', 'y': 2}", "{'a': b}", "{a: 1}", "{'a' 1}", "{'a': 1, 'a': 2}", "[1, # c\n2]", "1 # c", "# c", " 1", "1 ", "\t1",
    "1 + 1", "1+2j", "a", "a b", "a=b", "10.0.0.1", "1.2.3", "2001-12-14", "10:20", "/x/y", "~", "yes", "{{ x }}", "'{{ x }}'", "[ '{{ x }}' ]", "9007199254740993", "-9007199254740993", "1e400", "0.1", "100000000000000000000.0", "12345678901234567890123",
    "'é'", "é", "\"it's\"", "'say \"x\"'", "[1,\n2]", "(\n1)", "\\", "'\\", "-", "+", ".", "()()", "[]{}", "{**{}}", "[*[]]", "not True", "-True", "-'a'", "~1", "0_0", "0_7", "1_0.0_1", "1._5", "1e1_0", "0x", "0b", "0o",
]


def show(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "finf" if math.isinf(value) else f"f{value!r}".replace("e+", "e+")
    if isinstance(value, bytes):
        return json.dumps(value.decode())
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    return "[" + ", ".join(show(v) for v in value) + "]"


cases = []
for text in texts:
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError):
        value = text
    if not isinstance(value, complex):
        cases.append([text, show(value)])
print(json.dumps(cases, indent=1))
