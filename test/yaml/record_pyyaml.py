"""Records how PyYAML reads corpus.txt, with libyaml as Ansible does: python3 test/yaml/record_pyyaml.py > test/yaml/corpus.json"""
import datetime, json, math, os, yaml


def show(value):
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"i{value}"
    if isinstance(value, float):
        return "fnan" if math.isnan(value) else f"f{value!r}"
    if isinstance(value, (datetime.date, datetime.datetime)):
        return f"t{value}"
    if isinstance(value, bytes):
        return json.dumps(value.decode())
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ", ".join(f"{show(k)}: {show(v)}" for k, v in value.items()) + "}"
    if isinstance(value, set):
        return "[" + ", ".join(sorted(show(v) for v in value)) + "]"
    return "[" + ", ".join(show(v) for v in value) + "]"


here = os.path.dirname(os.path.abspath(__file__))
cases = []
for text in open(os.path.join(here, "corpus.txt"), encoding="utf8").read().split("=====\n"):
    try:
        cases.append({"text": text, "value": show(yaml.load(text, yaml.CSafeLoader))})
    except (yaml.YAMLError, ValueError, RecursionError):
        cases.append({"text": text, "error": True})
print(json.dumps(cases, indent=1))
