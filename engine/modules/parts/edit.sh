#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# Reads a file that the controller edits: its state, what its attributes lack, its content. Where it is not there and $make is set,
# it gets $content at once. Other files of which only the text is wanted are $also_1 ... up to $also_count.
do_edit() {
  if [ -n "$write" ]; then
    edit_write
    return
  fi
  [ -z "$in_folder" ] || [ -d "$in_folder" ] || fail "$no_folder"
  edit_number=0
  while [ "$edit_number" -lt "${also_count:-0}" ]; do
    edit_number=$((edit_number + 1))
    eval "edit_also \"\$also_$edit_number\""
  done
  [ -n "$path" ] || return 0
  reply path "$path"
  if [ -d "$path" ]; then
    reply type directory
    return
  fi
  if [ ! -e "$path" ]; then
    reply type absent
    if [ -n "$make" ]; then
      reply made 1
      expected='' write_content=1
      edit_write
    fi
    return
  fi
  reply type file
  edit_target
  [ ! -L "$path" ] || files_info "$path"
  files_look "$dest"
  [ -L "$path" ] || files_tell "$dest"
  edit_check=$T_CHECK
  T_CHECK=1
  files_attributes "$dest"
  T_CHECK=$edit_check
  reply_rest content
  if files_small "$dest"; then printf %s "$f_text"; else cat -- "$dest"; fi
}

# edit_also PATH: the text of a file that the task only reads; `x` before it tells an empty one from none.
edit_also() {
  reply also_path "$1"
  if [ -d "$1" ]; then
    reply also directory
  elif [ -e "$1" ]; then
    edit_text=$(cat -- "$1") || fail "could not read $1"
    reply also "x$edit_text"
  else
    reply also absent
  fi
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
