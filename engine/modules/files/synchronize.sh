# Runs rsync; what it prints is the rest of the reply, what it says on stderr and its exit code are the controller's to word.
# Variables begin with y_ so that an argument's $NAME does not meet one of them.
do_synchronize() {
  case $y_rsync in
    */*) [ -x "$y_rsync" ] || fail "there is no program $y_rsync on $y_where" rc 2 ;;
    *) have "$y_rsync" || fail "rsync is not installed on $y_where: synchronize needs it on both ends" rc 2 ;;
  esac
  eval "set -- $y_words"
  reply_rest stdout
  exec "$y_rsync" "$@" -- "$y_src" "$y_dest"
}
