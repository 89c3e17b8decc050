# Becomes the command: the request's subshell execs it, so it costs no process of ours but `date`.
# Variables begin with c_ so that an argument's $NAME does not meet one of them.
do_command() {
  if [ -n "$c_chdir" ]; then
    # physically, as Python does: $PWD and `cd ..` of what runs here are those of the folder itself
    CDPATH='' cd -P -- "$c_chdir" 2>/dev/null || { reply no_chdir 1; exit 1; }
  fi
  if [ -n "$c_creates" ]; then
    eval "set -- $c_creates"
    if [ -e "$1" ] || [ -L "$1" ]; then reply created 1; exit 0; fi
  fi
  if [ -n "$c_removes" ]; then
    eval "set -- $c_removes"
    [ -e "$1" ] || [ -L "$1" ] || { reply removed 1; exit 0; }
  fi
  if checking; then reply would_run 1; exit 0; fi
  eval "set -- $c_words"
  c_find_program "$1"
  reply start "$(date '+%Y-%m-%d %H:%M:%S.%N')"
  reply_rest stdout
  if [ -n "$c_has_stdin" ]; then
    printf '%s' "$c_stdin" | exec "$@"
    exit
  fi
  exec "$@"
}

# Python's Popen says ENOENT or EACCES where a shell would print a message and exit with 127 or 126.
c_find_program() {
  c_denied=
  case $1 in
    */*)
      [ -x "$1" ] && [ ! -d "$1" ] && return
      [ -e "$1" ] && c_denied=1
      ;;
    *)
      c_path=$PATH:
      while [ -n "$c_path" ]; do
        c_dir=${c_path%%:*}
        c_path=${c_path#*:}
        [ -x "${c_dir:-.}/$1" ] && [ ! -d "${c_dir:-.}/$1" ] && return
        [ -f "${c_dir:-.}/$1" ] && c_denied=1
      done
      ;;
  esac
  reply program "$1"
  if [ -n "$c_denied" ]; then
    reply reason 'Permission denied'
    reply errno 13
  else
    reply reason 'No such file or directory'
    reply errno 2
  fi
  exit 1
}
