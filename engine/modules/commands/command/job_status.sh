# How a job of job_start is getting on; with j_cleanup its files are removed.
do_job_status() {
  j_file=${HOME:-.}/.ansible_async/$j_id
  reply file "$j_file"
  [ -f "$j_file" ] || { reply state none; exit 0; }
  if [ -n "$j_cleanup" ]; then
    for j_end in '' .cmd .start .end .out .err .rc; do rm -f -- "$j_file$j_end"; done
    reply state erased
    exit 0
  fi
  [ -f "$j_file.rc" ] || { reply state running; exit 0; }
  reply state finished
  for j_end in rc cmd start end; do reply "$j_end" "$(cat -- "$j_file.$j_end")"; done
  reply err "$(cat -- "$j_file.err")"
  reply_rest out
  cat -- "$j_file.out"
}
