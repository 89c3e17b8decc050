#!/bin/sh
cat <<'X'
{"web": {"hosts": ["d1", "d2"], "vars": {"a": 1, "f": 1.0, "l": [1, {"x": null}]}, "children": ["sub"]},
 "sub": ["d3"], "alone": {"v": 1},
 "_meta": {"hostvars": {"d1": {"t": true}, "unlisted": {"x": 1}}}}
X
