# Starts a command that outlives the run. What becomes of it stands in files of ~/.ansible_async, as with Ansible.
do_job_start() {
  j_mask=$(umask)
  umask 077
  j_folder=${HOME:-.}/.ansible_async
  [ -d "$j_folder" ] || mkdir -p -- "$j_folder" 2>/dev/null || fail "could not create the folder of jobs $j_folder"
  j_file=$j_folder/$j_id
  # Never through a link that somebody has put there.
  (set -C && printf '{"started": 1, "finished": 0, "ansible_job_id": "%s"}\n' "$j_id" >"$j_file") 2>/dev/null ||
    fail "could not write the job file $j_file"
  if [ -n "$j_chdir" ]; then
    CDPATH='' cd -P -- "$j_chdir" 2>/dev/null || fail 'Unable to change directory before execution.'
  fi
  printf '%s' "$j_shown" >"$j_file.cmd"
  date '+%Y-%m-%d %H:%M:%S.%N' >"$j_file.start"
  eval "set -- $j_words"
  if [ -n "$j_seconds" ] && have timeout; then set -- timeout "$j_seconds" "$@"; fi
  (
    trap '' HUP
    (
      umask "$j_mask"
      if [ -n "$j_has_stdin" ]; then
        printf '%s' "$j_stdin" | exec "$@"
      else
        exec "$@"
      fi
    ) >"$j_file.out" 2>"$j_file.err"
    j_rc=$?
    date '+%Y-%m-%d %H:%M:%S.%N' >"$j_file.end"
    printf '{"started": 1, "finished": 1, "ansible_job_id": "%s", "rc": %s}\n' "$j_id" "$j_rc" >"$j_file"
    printf '%s' "$j_rc" >"$j_file.new" && mv -f "$j_file.new" "$j_file.rc"
  ) </dev/null >/dev/null 2>&1 &
  reply file "$j_file"
}
