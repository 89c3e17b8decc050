#: needs files
# shellcheck disable=SC2154 # variables of the request

do_stat() {
  reply path "$path"
  if [ -n "$follow" ]; then
    [ -e "$path" ] || return 0
    stat_look=-L
  else
    [ -e "$path" ] || [ -L "$path" ] || return 0
    stat_look=
  fi
  stat_all=$(stat $stat_look -c '%f %u %g %s %i %d %h %X %Y %Z %b %B %o %t %T:%U:%G:%x:%y:%z' -- "$path") || fail "stat of $path failed"
  reply stat "$stat_all"
  [ ! -r "$path" ] || reply readable 1
  [ ! -w "$path" ] || reply writeable 1
  [ ! -x "$path" ] || reply executable 1
  if [ -L "$path" ] && [ -z "$follow" ]; then
    reply lnk_source "$(files_real "$path")"
    reply lnk_target "$(readlink -- "$path")"
  elif [ -n "$get_checksum" ] && [ -f "$path" ] && [ -r "$path" ]; then
    files_sum "$algorithm" "$path"
    reply checksum "$f_sum"
  fi
  if [ -n "$get_mime" ] && have file; then
    case $path in -*) path=./$path ;; esac
    reply mime "$(file --mime-type --mime-encoding "$path")"
  fi
  if [ -n "$get_attributes" ] && have lsattr; then
    reply flags "$(lsattr -vd -- "$path" 2>/dev/null)"
  fi
}
