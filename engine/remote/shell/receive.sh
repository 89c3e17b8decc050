# Takes an upload: $directory (empty: a private folder), $name, $size (empty: until the input ends).
# The controller sends nothing before it was told that the file is open, and `head` takes exactly what was announced.
do_t_receive() {
  umask 077
  t_beside=$directory
  if [ -z "$directory" ]; then
    t_private "$T_UPLOADS" || fail "could not make the temporary folder $T_UPLOADS"
    directory=$T_UPLOADS
  fi
  t_file=${directory%/}/$name
  # The shell then creates the file with O_EXCL: a file or link that someone put there is never written through.
  set -C
  t_open=
  trap 'rm -f "$t_file"' HUP INT TERM PIPE
  # shellcheck disable=SC2094 # `reply` prints a name
  {
    t_open=1
    reply path "$t_file"
    # by which it is known again, should somebody put another file in its place
    [ -z "$t_beside" ] || reply is "$(stat -L -c %d.%i /proc/self/fd/3)"
    if [ -n "$size" ]; then head -c "$size" >&3; else cat >&3; fi
  } 3>"$t_file" 2>/dev/null || {
    t_rc=$?
    if [ -n "$t_open" ]; then
      rm -f "$t_file"
      fail "could not write $t_file (exit code $t_rc; is the disk full?)"
    fi
    t_why='it cannot be written to'
    [ -w "$directory" ] || t_why="this user may not write to $directory"
    [ -d "$directory" ] || t_why="the folder $directory does not exist"
    fail "could not make the file $t_file: $t_why"
  }
  if [ -n "$size" ] && [ "$(wc -c <"$t_file")" -ne "$size" ]; then
    rm -f "$t_file"
    fail "the transfer to $t_file was cut short"
  fi
  # The shell's end removes it, should nobody come to use it; a content without a size ends with its shell.
  if [ -n "$t_beside" ] && [ -n "$size" ] && temp_folder; then
    case $t_file in /*) printf '%s' "$t_file" >"$T_TMP/sent.$name" ;; esac
  fi
  # A connection that was lost looks like the end of the content; then nobody is there to read this.
  reply 'done' 1 2>/dev/null || rm -f "$t_file"
}
