"""Renders cases with ansible-core's own templating and prints the results as JSON; run by generate.mjs.

Values travel as JSON with tags: {"f": "1.0"} a float, {"i": "…"} a big int, {"d": [[key, value]…]} a dict, {"t": "…"} a
template, {"e": "…"} a failure ("undefined", "syntax" or "error").
"""

import json
import os
import shutil
import sys
import tempfile
import warnings

warnings.simplefilter("ignore")

from ansible.errors import AnsibleUndefinedVariable, AnsibleTemplateSyntaxError  # noqa: E402
from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.plugins.loader import init_plugin_loader  # noqa: E402
from ansible.template import Templar, trust_as_template  # noqa: E402
from ansible.utils.display import Display  # noqa: E402

for quiet in ("deprecated", "warning", "error_as_warning", "display", "_deprecated_with_plugin_info"):
    if hasattr(Display, quiet):
        setattr(Display, quiet, lambda *args, **kwargs: None)


def decode(value):
    if isinstance(value, list):
        return [decode(one) for one in value]
    if isinstance(value, dict):
        if "f" in value:
            return float(value["f"])
        if "i" in value:
            return int(value["i"])
        if "t" in value:
            return trust_as_template(value["t"])
        return {decode(key): decode(item) for key, item in value["d"]}
    return value


def encode(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value) if abs(value) < 2**53 else {"i": str(int(value))}
    if isinstance(value, float):
        return {"f": repr(float(value))}
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {"d": [[encode(key), encode(item)] for key, item in value.items()]}
    if isinstance(value, (list, tuple)):
        return [encode(one) for one in value]
    return {"s": str(value)}


def run(templar, mode, text):
    source = trust_as_template(text)
    if mode == "expression":
        return templar._engine._normalize_and_evaluate_conditional(source)
    if mode == "file":
        return templar.template(source, escape_backslashes=False)
    return templar.template(source)


def main():
    told = json.load(sys.stdin)
    init_plugin_loader()
    folder = tempfile.mkdtemp()
    for name, text in told["files"].items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    loader = DataLoader()
    loader.set_basedir(folder)
    templar = Templar(loader=loader, variables=decode(told["vars"]))
    results = []
    for mode, text in told["cases"]:
        try:
            results.append(encode(run(templar, mode, text)))
        except AnsibleUndefinedVariable:
            results.append({"e": "undefined"})
        except AnsibleTemplateSyntaxError:
            results.append({"e": "syntax"})
        except Exception as error:
            if "--why" in sys.argv:
                print(text, type(error), error, file=sys.stderr)
            results.append({"e": "error"})
    shutil.rmtree(folder)
    json.dump(results, sys.stdout)


main()
