#: needs files
# Reads or writes a crontab: a file of /etc/cron.d, or that of a user through `crontab`.
# shellcheck disable=SC2154 # assigned by the request, or by files.sh
do_cron() {
  sbin_path
  if [ -n "$k_write$k_remove" ]; then
    cron_write
    return
  fi
  if [ -n "$k_file" ]; then
    reply_rest content
    [ ! -e "$k_file" ] || cat -- "$k_file"
    return
  fi
  have crontab || fail 'Failed to find required executable "crontab"'
  reply_rest content
  # 1 is also the answer for a user who has none yet.
  crontab ${k_user:+-u "$k_user"} -l 2>/dev/null || [ $? = 1 ]
}

cron_write() {
  if [ -n "$k_backup" ]; then
    k_copy=$(mktemp /tmp/crontab.XXXXXX) || fail "can't make a backup"
    if [ -n "$k_file" ]; then
      [ ! -e "$k_file" ] || cat -- "$k_file" >"$k_copy"
    else
      crontab ${k_user:+-u "$k_user"} -l >"$k_copy" 2>/dev/null
    fi
    reply backup_file "$k_copy"
  fi
  if [ -n "$k_remove" ]; then
    rm -f -- "$k_file"
  elif [ -n "$k_file" ]; then
    files_look "$k_file"
    files_new "$k_file"
    printf '%s' "$k_content" >&8 || fail "can't write $k_file"
    files_replace "$k_file"
  else
    k_out=$(printf '%s' "$k_content" | crontab ${k_user:+-u "$k_user"} - 2>&1) || fail "crontab: $k_out" rc "$?" stdout '' stderr "$k_out"
  fi
}
