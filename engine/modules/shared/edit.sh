#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Reads a file that the controller edits: its state, what its attributes lack, its content.
do_edit() {
  if [ -n "$write" ]; then
    edit_write
    return
  fi
  reply path "$path"
  if [ -d "$path" ]; then
    reply type directory
    return
  fi
  if [ ! -e "$path" ]; then
    reply type absent
    return
  fi
  reply type file
  edit_target
  [ ! -L "$path" ] || files_info "$path"
  files_look "$dest"
  [ -L "$path" ] || files_tell "$dest"
  (
    T_CHECK=1
    files_attributes "$dest"
  ) || exit 1
  reply_rest content
  cat -- "$dest"
}

# $dest becomes what $path is in the end: an edited link stays a link, unless the module replaces it ($keep_link).
edit_target() {
  dest=$path
  case $dest in */*) ;; *) dest=./$dest ;; esac
  [ ! -L "$path" ] || [ -n "$keep_link" ] || dest=$(files_real "$path")
}

# Puts the new content ($content, or the uploaded file $upload) in place, if the old one is still the one that was read.
edit_write() {
  edit_target
  files_look "$dest"
  if [ -n "$write_content" ]; then
    if [ -e "$dest" ]; then
      files_sha1 "$dest"
      [ "$f_sum" = "$expected" ] || fail "$path was changed by somebody else while it was edited" path "$path"
      [ -z "$backup" ] || files_backup "$path"
    else
      [ -z "$expected" ] || fail "$path was removed by somebody else while it was edited" path "$path"
      files_parent "$dest"
      [ -d "$f_dir" ] || mkdir -p -- "$f_dir" || fail "Error creating $f_dir"
    fi
    if [ -n "$upload" ]; then
      files_parent "$dest"
      files_trap
      f_temp=$upload
      [ -z "$validate" ] || files_validate
      [ "$f_type" != link ] || f_type=absent
      files_replace "$dest"
    else
      [ "$f_type" != link ] || f_type=absent
      files_put "$dest"
    fi
  else
    files_attributes "$dest"
  fi
  files_info "$path"
}
