# Ends a process ($pid) and all its descendants; those that a daemon's start has cut loose live on.
do_t_end_processes() {
  t_all=" $pid "
  t_found=1
  while [ -n "$t_found" ]; do
    t_found=
    for t_dir in /proc/[0-9]*; do
      t_pid=${t_dir#/proc/}
      case $t_all in *" $t_pid "*) continue ;; esac
      read -r t_stat <"$t_dir/stat" || continue
      # The name of a program may hold anything; state and parent come after its last bracket.
      t_stat=${t_stat##*) }
      t_parent=${t_stat#* }
      case $t_all in *" ${t_parent%% *} "*)
        t_all="$t_all$t_pid "
        t_found=1
        ;;
      esac
    done
  done 2>/dev/null
  # shellcheck disable=SC2086 # a list of numbers
  kill -TERM $t_all 2>/dev/null
  do_t_sweep
  # shellcheck disable=SC2086
  (
    sleep 2
    kill -KILL $t_all
    do_t_sweep
  ) >/dev/null 2>&1 &
}
