# Whether there is anything to run at all.
# shellcheck disable=SC2154 # assigned by the request
do_expect() {
  if [ -n "$e_creates" ]; then
    eval "set -- $e_creates"
    if [ -e "$1" ] || [ -L "$1" ]; then reply skipped creates; return; fi
  fi
  if [ -n "$e_removes" ]; then
    eval "set -- $e_removes"
    [ -e "$1" ] || [ -L "$1" ] || reply skipped removes
  fi
}
