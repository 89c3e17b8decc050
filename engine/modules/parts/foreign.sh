# Runs a module in another language: its text came with the request (f_program) or was uploaded (f_file); its arguments
# are f_args. Both are files that only this user may read, and are removed afterwards.
do_foreign() {
  temp_folder || fail "can't make a temporary folder"
  f_data=$T_TMP/args
  f_umask=$(umask)
  umask 077
  if [ -z "$f_file" ]; then
    f_file=$T_TMP/$f_name
    printf '%s' "$f_program" >"$f_file" || fail "can't write $f_file"
  fi
  chmod 700 "$f_file" || fail "can't make $f_file executable"
  printf '%s' "$f_args" >"$f_data" || fail "can't write $f_data"
  umask "$f_umask"
  eval "set -- $f_interpreter"
  if [ $# -gt 0 ] && ! have "$1"; then
    rm -f "$f_file" "$f_data"
    fail "the module $f_name needs $1, which this host does not have"
  fi
  set -- "$@" "$f_file"
  [ -n "$f_inside" ] || set -- "$@" "$f_data"
  [ -n "$f_stdin" ] || f_data=/dev/null
  reply_rest stdout
  (
    trap - EXIT
    "$@" <"$f_data"
  )
  f_rc=$?
  rm -f "$f_file" "$T_TMP/args"
  exit "$f_rc"
}
