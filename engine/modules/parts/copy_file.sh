#: needs files
# shellcheck disable=SC2154,SC2015,SC2034,SC2086 # variables of the request

# One file to $dest, which may be a folder to put it in under $name. $sum is the checksum of the new content, which is in
# $content, or uploaded as $upload, or still to be uploaded ($later), or in the file $src of this host.
do_copy_file() {
  copy_given=$dest
  case $dest in
    */)
      if [ -d "$dest" ]; then
        dest=$dest$name
      else
        dest=$dest$name
        copy_folders
        [ -z "$copy_ended" ] || return 0
      fi
      ;;
    */*) ;;
    *) dest=./$dest ;;
  esac
  if [ -d "$dest" ]; then
    [ -n "$name" ] || fail 'can not use content with a dir as dest'
    dest=${dest%/}/$name
  fi
  if [ -n "$follow" ] && [ -L "$dest" ] && [ -e "$dest" ]; then
    dest=$(files_real "$dest")
  fi
  files_look "$dest"
  [ "$f_type" != directory ] || fail "$dest is a directory" dest "$dest"
  if [ "$f_type" != absent ] && [ -z "$force" ] && [ -e "$dest" ]; then
    reply kept 1
    if [ -n "$remote_src" ]; then reply dest "$dest"; else reply dest "$copy_given"; fi
    files_tell "$dest"
    return
  fi
  reply dest "$dest"
  copy_same=''
  if [ "$f_type" = file ] || [ "$f_type" = hard ]; then
    # a file of another size need not be read
    if { [ -z "$size" ] || [ "$f_size" = "$size" ]; } && [ -r "$dest" ]; then
      # a small text is compared as it is; only what looks different needs to be summed up
      if [ -z "$later$upload$remote_src" ] && files_small "$dest" && [ "$f_text" = "$content" ]; then
        copy_same=1
      else
        files_sha1 "$dest"
        [ "$f_sum" != "$sum" ] || copy_same=1
      fi
    fi
  elif [ "$f_type" = absent ] && ! checking; then
    files_parent "$dest"
    [ -e "$f_dir" ] || fail "Destination directory $f_dir does not exist"
  fi
  if [ -n "$copy_same" ]; then
    files_attributes "$dest"
    if checking; then files_tell "$dest"; else files_info "$dest"; fi
    return
  fi
  change content
  if checking; then
    [ ! -e "$dest" ] || files_tell "$dest"
    copy_before
    files_show
    return
  fi
  [ -z "$wrong_sum" ] || fail 'Copied file does not match the expected checksum. Transfer failed.' checksum "$sum" expected_checksum "$wrong_sum"
  if [ -n "$later" ]; then
    files_parent "$dest"
    reply upload_to "$f_dir"
    return
  fi
  copy_before
  [ -z "$backup" ] || [ ! -e "$dest" ] || files_backup "$dest"
  copy_put
  files_info "$dest"
  files_show
}

copy_before() {
  files_before "$dest"
}

copy_put() {
  # a link is replaced by a file that has nothing of it
  [ "$f_type" != link ] || f_type=absent
  if [ -n "$upload" ]; then
    files_upload "$dest"
  else
    if [ -n "$remote_src" ]; then
      files_new "$dest"
      copy_remote
    else
      files_put "$dest"
    fi
    return
  fi
  [ -z "$validate" ] || files_validate
  files_replace "$dest"
}

# A file of this host: what is replaced gets the mode and times of the source, as Ansible's copy does.
copy_remote() {
  cat <"$src" >&8 || fail "could not copy $src to $f_dir"
  [ -z "$validate" ] || files_validate
  if [ "$f_type" = absent ]; then
    touch -c -r "$src" -- "$f_by"
    files_replace "$dest"
    return
  fi
  f_mode=$(stat -L -c %a -- "$src")
  f_uid=${files_me%:*} f_gid=${files_me#*:}
  f_final=$f_mode
  if [ -n "$mode" ]; then
    files_mode "$mode" "$f_mode" file
    f_final=$f_new
  fi
  files_give
  chmod -- "$f_final" "$f_by"
  touch -c -r "$src" -- "$f_by"
  files_rename "$dest"
}

# Folders that $dest needs, each new one with $directory_mode and the owner asked for.
copy_folders() {
  copy_ended=''
  files_parent "$dest"
  [ ! -e "$f_dir" ] || return 0
  if checking; then
    change content
    reply dest "$dest"
    copy_ended=1
    return
  fi
  copy_todo=$f_dir/
  copy_done=''
  copy_mode=$mode
  mode=$directory_mode
  while [ -n "$copy_todo" ]; do
    copy_done=$copy_done${copy_todo%%/*}
    copy_todo=${copy_todo#*/}
    if [ -n "$copy_done" ] && [ ! -e "$copy_done" ]; then
      mkdir -- "$copy_done" || fail "could not make the folder $copy_done"
      [ -z "$directory_mode$owner$group" ] || {
        files_look "$copy_done"
        files_attributes "$copy_done"
      }
      change folder
    fi
    copy_done=$copy_done/
  done
  mode=$copy_mode
}
