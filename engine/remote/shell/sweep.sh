# What a shell does at its end, for one that was killed: $folder was its own.
# shellcheck disable=SC2034 # the prelude's t_leave reads both
do_t_sweep() {
  T_TMP=$folder
  T_UPLOADS=
  t_leave
}
