"""Records what Python's re makes of expressions and texts: python3 test/python/regex/record_machine.py > test/python/regex/machine.json"""
import json, random, re, sys, warnings
warnings.simplefilter("ignore")
rnd = random.Random(20261128)
ATOMS = ["a", "b", "c", "ab", ".", "[ab]", "[^a]", r"\w", r"\d", r"\s", r"\b", r"\B", "^", "$", r"\Z", "1", " ", r"\n", "é", "😀", r"[^\W\d]"]
QUANT = ["", "", "", "", "*", "+", "?", "*?", "+?", "??", "{2}", "{1,2}", "{0,3}?", "{2,}"]
TEXTS = ["a", "b", "c", "1", " ", "\n", "ab", "aaa", "é", "😀", "ba", "abc"]
def pattern(depth, groups):
    parts = []
    for _ in range(rnd.randint(1, 3)):
        kind = rnd.random()
        if depth > 0 and kind < 0.35:
            inner = pattern(depth - 1, groups)
            form = rnd.random()
            if form < 0.45:
                groups[0] += 1
                atom = f"({inner})"
            elif form < 0.75: atom = f"(?:{inner})"
            elif form < 0.85: atom = f"(?={inner})"
            elif form < 0.92: atom = f"(?!{inner})"
            else: atom = "(?<=" + rnd.choice(["a", "ab", "[^b]", r"\w\s"]) + ")"
            if atom.startswith(("(?=", "(?!", "(?<")):
                parts.append(atom); continue
        elif groups[0] and kind < 0.42: atom = "\\" + str(rnd.randint(1, groups[0]))
        else: atom = rnd.choice(ATOMS)
        if atom in (r"\b", r"\B", "^", "$", r"\Z"): parts.append(atom); continue
        if len(atom) == 2 and atom[0] != "\\": atom = f"(?:{atom})"
        parts.append(atom + rnd.choice(QUANT))
    text = "".join(parts)
    return text + "|" + pattern(depth, groups) if rnd.random() < 0.15 else text
# Python and JavaScript differ in repetitions of nothing, and Python before 3.14 in \B of an empty text: neither is asked.
def repeats_nothing(p):
    for m in re.finditer(r"\)(?=[*+?{])", p):
        depth, i, inside = 0, m.start(), False
        while True:
            c, escaped = p[i], (len(p[:i]) - len(p[:i].rstrip("\\"))) % 2 == 1
            if not escaped and c == ")": depth += 1
            if not escaped and c == "(":
                depth -= 1
                if depth == 0: break
            i -= 1
        body = p[i + 1:m.start()]
        body = body[2:] if body.startswith("?:") else body
        try: empty = any(re.compile(body).match(t, k) and re.compile(body).match(t, k).end() == k for t in ("", "a", "ba", " a") for k in range(len(t) + 1))
        except re.error: return True
        if empty: return True
    return False
cases = []
while len(cases) < 3000:
    flags = rnd.choice(["", "", "", "(?i)", "(?m)", "(?s)"])
    p = flags + pattern(2, [0])
    if repeats_nothing(p): continue
    try: compiled = re.compile(p)
    except re.error: continue
    text = "".join(rnd.choice(TEXTS) for _ in range(rnd.randint(0, 7)))
    if text == "" and "\\B" in p: continue
    utf16 = lambda i: len(text[:i].encode("utf-16-le")) // 2
    m = compiled.search(text)
    found = m and [utf16(m.start()), utf16(m.end())] + [m.group(i) for i in range(1, compiled.groups + 1)]
    cases.append([p, text, found])
json.dump({"python": sys.version.split()[0], "cases": cases}, sys.stdout, ensure_ascii=False, separators=(",", ":"))
