# Says which boot this is, tests that the host works, or begins a reboot that lets this request end first.
# shellcheck disable=SC2154,SC2016 # assigned by the request; expanded when it runs
do_reboot() {
  PATH=$b_paths:$PATH
  case $b_do in
    boot_id)
      if [ -n "$b_boot_command" ]; then b_id=$(eval "$b_boot_command") || exit; else read -r b_id </proc/sys/kernel/random/boot_id; fi
      reply boot_id "$b_id"
      ;;
    test) (eval "$b_test") >/dev/null ;;
    reboot)
      if [ -n "$b_command" ]; then
        b_run=$b_command
      elif have shutdown && ! shutdown --help 2>&1 | grep -q BusyBox; then
        b_run='shutdown -r now "$b_msg"'
      elif have systemctl; then
        b_run='systemctl reboot'
      elif have reboot; then
        b_run=reboot
      else
        fail "Unable to find command \"shutdown\" in search paths: $b_paths"
      fi
      reply command "$b_run"
      (
        exec </dev/null >/dev/null 2>&1
        trap '' HUP
        sleep "$b_delay"
        eval "$b_run"
      ) &
      ;;
  esac
}
