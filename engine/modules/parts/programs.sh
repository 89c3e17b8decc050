# Runs several programs in one request and says how each ended: r_count of them, the words of number N in r_words_N.
# r_stop: end at the first that fails. A word that is not a program of this host gives rc 127.
# shellcheck disable=SC2154 # assigned by the request
do_programs() {
  sbin_path
  export LC_ALL=C.UTF-8 LANG=C.UTF-8 LANGUAGE=C
  if [ -n "$r_chdir" ]; then CDPATH='' cd -- "$r_chdir" || fail "can't change into $r_chdir"; fi
  [ -z "$r_umask" ] || umask "$r_umask"
  temp_folder
  r_number=0
  while [ "$r_number" -lt "$r_count" ]; do
    r_number=$((r_number + 1))
    eval "r_words=\$r_words_$r_number"
    eval "set -- $r_words"
    r_rc=127
    r_out=
    : >"$T_TMP/err"
    if have "$1"; then
      eval "r_has=\$r_has_$r_number r_in=\$r_stdin_$r_number"
      if [ -n "$r_has" ]; then
        r_out=$(printf '%s' "$r_in" | "$@" 2>"$T_TMP/err"; r_rc=$?; printf x; exit "$r_rc")
      else
        r_out=$("$@" 2>"$T_TMP/err"; r_rc=$?; printf x; exit "$r_rc")
      fi
      r_rc=$?
    fi
    reply rc "$r_rc"
    reply out "${r_out%x}"
    if [ -s "$T_TMP/err" ]; then reply err "$(cat "$T_TMP/err")"; else reply err ''; fi
    if [ -n "$r_stop" ] && [ "$r_rc" != 0 ]; then break; fi
  done
  rm -f "$T_TMP/err"
}
