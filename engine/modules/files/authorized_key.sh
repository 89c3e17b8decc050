#: needs files download
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

do_authorized_key() {
  umask "$files_umask"
  f_temp=''
  key_home=''
  if [ -z "$file" ] || ! checking; then key_account; fi
  key_folder=$key_home/.ssh
  dest=$key_home/.ssh/authorized_keys
  if [ -n "$file" ]; then
    dest=$file
    files_parent "$dest"
    key_folder=$f_dir
  fi
  reply keyfile "$dest"
  [ -z "$follow" ] || [ ! -L "$dest" ] || dest=$(files_real "$dest")
  reply target "$dest"
  if [ -n "$write" ]; then
    key_write
    return
  fi
  [ -z "$key_url" ] || key_fetch
  [ -z "$file" ] || files_info "$file"
  [ ! -f "$dest" ] || {
    reply there 1
    reply_rest content
    cat -- "$dest"
  }
}

# Number and home of the user.
key_account() {
  key_line=''
  while IFS= read -r key_entry; do
    case $key_entry in "$user":*) key_line=$key_entry ;; esac
  done </etc/passwd
  if [ -z "$key_line" ] && have getent; then key_line=$(getent passwd -- "$user") || key_line=''; fi
  [ -n "$key_line" ] || {
    ! checking || fail 'Either user must exist or you must provide full path to key file in check mode'
    fail "Failed to lookup user $user"
  }
  IFS=:
  key_fields $key_line
  unset IFS
}

key_fields() {
  owner=$3 group=$4 key_home=$6
}

# The keys themselves are in a file of this host, or at an address.
key_fetch() {
  case $key_url in
    file:*)
      key_path=${key_url#file:}
      key_path=/$key_path
      while :; do case $key_path in //*) key_path=${key_path#/} ;; *) break ;; esac done
      [ -e "$key_path" ] || fail "Path to a key file not found: $key_path"
      [ -f "$key_path" ] || fail "Path to a key is a directory and must be a file: $key_path"
      reply keys "$(cat -- "$key_path")"
      ;;
    *)
      head_only='' force=''
      temp_folder
      download "$key_url" "$T_TMP/keys" && [ "$d_status" = 200 ] || fail "Error getting key from: $key_url"
      reply keys "$(cat -- "$T_TMP/keys")"
      rm -f -- "$T_TMP/keys"
      ;;
  esac
}

key_write() {
  if [ -n "$manage_dir" ]; then
    if [ ! -e "$key_folder" ]; then
      files_mkdir 700 "$key_folder" || fail "Failed to create directory $key_folder"
    fi
    files_look "$key_folder"
    key_owner=$owner:$group
    if [ "$f_uid:$f_gid:$f_mode" != "$key_owner:700" ]; then
      files_hold "$key_folder"
      [ "$f_uid:$f_gid" = "$key_owner" ] || files_chown "$key_owner" "$key_folder" || fail "chown of $key_folder failed"
      [ "$f_mode" = 700 ] || [ "$f_type" = link ] || files_chmod 700 "$key_folder"
      f_held=''
    fi
  fi
  files_parent "$dest"
  [ -d "$f_dir" ] || mkdir -p -- "$f_dir" || fail "could not make the folder $f_dir"
  files_look "$dest"
  f_sum=''
  [ ! -f "$dest" ] || files_sha1 "$dest"
  [ "$f_sum" = "$expected" ] || fail "$dest was changed by somebody else while it was edited"
  if [ -n "$upload" ]; then
    files_upload "$dest"
  else
    files_new "$dest"
    printf %s "$content" >&8 || fail "could not write to $f_dir"
  fi
  [ "$f_type" != link ] || f_type=absent
  mode=0600
  files_replace "$dest"
  [ -z "$file" ] || files_info "$file"
}
