"""Records what Python 3 makes of texts: python3 test/python/record.py > test/python/recorded.json (before 3.13, which has no crypt)"""
import ast, configparser, csv, datetime, fnmatch, glob, io, json, os, sys, tempfile, warnings

warnings.simplefilter("ignore")
import crypt


def attempt(work):
    try:
        return {"value": work()}
    except Exception as error:
        return {"error": type(error).__name__}


def literals():
    for body in [r"a\n\t\\\'\"x", r"\x41\u00e9\U0001f600", r"\101\0\7z", r"\q\.\d", r"\x4", r"\u12", r"\U0011ffff", r"\a\b\f\v\r",
                 "a\\\nb", r"\08", r"\400"]:
        yield [body, attempt(lambda: ast.literal_eval('"""' + body + ' """')[:-1])]


def texts():
    for text in ["", "it's", 'say "x"', "it's \"x\"", "a\\b\n\t\r", "\x00\x1f\x7f\xa0\xad", "é\u200b\u2028\ufeff😀", "\ud7ff\ue000"]:
        yield [text, repr(text)]


def patterns():
    names = ["", "a", "ab", "a.b", "[a]", "a]b", "b", "a-c", "-", "!", "^", "a\nb", "x/y", "\\", "1", "é", "aXb", "]"]
    for pattern in ["*", "?", "a*", "*b", "[ab]", "[!a]*", "[a-c]", "[c-a]", "[]]", "[!]]", "[", "a[", "[^a]", "[a-]", "[-a]", "[\\]", "a.b",
                    "*.*", "**", "[[]a]", "a[.]b", "a?b", "[a-b-z]", "(a|b)", "a+", "$", "[!]"]:
        yield [pattern, [name for name in names if fnmatch.fnmatchcase(name, pattern)]]


def globs():
    with tempfile.TemporaryDirectory() as folder:
        for path in ["a.txt", "b.txt", ".hidden", "d/a.txt", "d/.h", "d/e/c.txt", "[x].txt", "d2/a.md"]:
            os.makedirs(os.path.dirname(os.path.join(folder, path)) or folder, exist_ok=True)
            open(os.path.join(folder, path), "w").close()
        for pattern in ["*", "*.txt", ".*", "*/*", "d/*.txt", "d?/*", "nope/*", "a.txt", "nope", "[[]x].txt", "*/e/*", "d/e", "[ab].txt", "*/."]:
            yield [pattern, sorted(glob.glob(pattern, root_dir=folder))]


def inis():
    plain = [
        "[a]\nx = 1\ny: 2\nZ=3\n", "[a]\nx =\ny\n", "x = 1\n", "[a]\nx = 1\n  2\n\n  3\n\n[b]\n", "[a]\n  x = 1\n  y = 2\n    more\n",
        "[a]\n# remark\nx = 1 ; no remark\n; remark\n  # remark\n  2\n", "[a b]\nk = a = b : c\n", "[a]\nx = 1\n[b]\ny = 2\n", "[a]\n= 1\n", "", "\n\n",
        "[a]] x\nb = 1\n", "[a]\r\nx = 1\r\n y\r\n", "[a]\n\tx=1\n\t\ty\n", "[a]\nkey with space = v\n", "[a]\nx = 1\n\n\n", "[]\nx = 1\n",
    ]
    for text in plain:
        def read(**options):
            parser = configparser.RawConfigParser(default_section="", **options)
            parser.read_string(text)
            return {name: dict(parser.items(name)) for name in parser.sections()}
        yield [text, attempt(read), attempt(lambda: read(allow_no_value=True)), attempt(lambda: read(inline_comment_prefixes=(";",)))]


def tables():
    for text in ["a,b\n1,2\n", 'a,"b,c"\n', '"a""b",c\r\n', "a\n\nb\n", '"x\ny",z\n', "a,\n,b", 'a "b" c,d\n', '"a"b,c\n', "a,b", '""\n', " a , b \n"]:
        yield [text, list(csv.reader(io.StringIO(text, newline="")))]


def times():
    for text, form in [
        ("2024-02-29 23:59:58", "%Y-%m-%d %H:%M:%S"), ("2023-02-29", "%Y-%m-%d"), ("202401021530.45", "%Y%m%d%H%M.%S"), ("1 Jan 70", "%d %b %y"),
        ("March 5, 2021", "%B %d, %Y"), ("12:30 am", "%I:%M %p"), ("12:30 PM", "%I:%M %p"), ("2024 060", "%Y %j"), ("x", "%Y"), ("2024", "%Q"),
        ("2024-01-01T00:00:00.25", "%Y-%m-%dT%H:%M:%S.%f"), ("100%", "%y0%%"), ("Mon 1 Jan 2024", "%a %d %b %Y"), ("2024  5", "%Y %m"), ("69", "%y"), ("68", "%y"),
    ]:
        def read():
            time = datetime.datetime.strptime(text, form)
            return time.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (time.microsecond // 1000)
        yield [text, form, attempt(read)]


def hashes():
    for password in ["secret", "", "é" * 40, "x" * 80]:
        for scheme, salt, rounds, setting in [
            ("md5_crypt", "abcdefgh", None, "$1$abcdefgh$"), ("md5_crypt", "ab", None, "$1$ab$"), ("sha256_crypt", "saltsalt", 1000, "$5$rounds=1000$saltsalt$"),
            ("sha512_crypt", "0123456789abcdef", 5000, "$6$0123456789abcdef$"), ("sha512_crypt", "s", 1001, "$6$rounds=1001$s$"),
            ("bcrypt", "abcdefghijklmnopqrstuv", 4, "$2b$04$abcdefghijklmnopqrstuv"), ("bcrypt", "./ABCDEFGHIJKLMNOPQRS.", 5, "$2b$05$./ABCDEFGHIJKLMNOPQRS."),
        ]:
            yield [password, scheme, salt, rounds, crypt.crypt(password, setting)]


kinds = {"literals": literals, "texts": texts, "patterns": patterns, "globs": globs, "inis": inis, "tables": tables, "times": times, "hashes": hashes}
json.dump({name: list(cases()) for name, cases in kinds.items()}, sys.stdout, indent=0, ensure_ascii=True)
print()
