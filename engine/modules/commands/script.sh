# Runs a script that came with the request (s_content) or was uploaded (s_file), then removes it.
do_script() {
  if [ -n "$s_creates" ]; then
    eval "set -- $s_creates"
    if [ -e "$1" ] || [ -L "$1" ]; then reply skipped creates; exit 0; fi
  fi
  if [ -n "$s_removes" ]; then
    eval "set -- $s_removes"
    [ -e "$1" ] || [ -L "$1" ] || { reply skipped removes; exit 0; }
  fi
  checking && { reply would_run 1; exit 0; }
  if [ -z "$s_file" ]; then
    [ -n "$s_here" ] || { reply upload 1; exit 0; }
    s_file=$(mktemp) || fail "can't make a temporary file"
    printf '%s' "$s_content" >"$s_file" || { rm -f "$s_file"; fail "can't write $s_file"; }
  fi
  chmod u+x "$s_file"
  reply_rest stdout
  (
    trap - EXIT
    if [ -n "$s_chdir" ]; then CDPATH='' cd -- "$s_chdir" || exit 1; fi
    eval "$s_executable $s_file $s_args"
  )
  s_rc=$?
  rm -f "$s_file"
  exit "$s_rc"
}
