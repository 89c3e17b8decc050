#: needs files download tree
# shellcheck disable=SC2154,SC2015,SC2034,SC2086,SC2119,SC2120 # variables of the request

# First, with $ask: whether there is anything to do, and what is there already. Then: unpacks $src (or the uploaded file) into $dest.
do_unarchive() {
  f_temp='' un_told=''
  if [ -n "$creates" ] && { [ -e "$creates" ] || [ -L "$creates" ]; }; then
    reply creates "$creates"
    return
  fi
  case $dest in
    /*) ;;
    *)
      [ -n "$ask" ] || warn "Relative destination path '$dest' was resolved to absolute path '$PWD/$dest'."
      dest=$PWD/$dest
      ;;
  esac
  [ -d "$dest" ] || fail "dest '$dest' must be an existing dir"
  if [ -n "$ask" ]; then
    [ -z "$names" ] || unarchive_look
    return 0
  fi
  reply dest "$dest"
  case $dest in -*) dest=./$dest ;; esac
  un_real=$(CDPATH='' cd -- "$dest" && pwd -P)
  files_trap
  t_inode=''
  un_home=$PWD
  trap 'tree_unstage; files_cleanup' EXIT
  temp_folder && f_temp=$(umask 077 && mktemp -d "$T_TMP/unarchive.XXXXXX") || fail 'could not make a temporary folder'
  if [ -n "$upload" ]; then
    src=$upload
  elif [ -n "$url" ]; then
    head_only='' force=''
    download "$url" "$f_temp/download" || download_failed "$url"
    case $d_status in 200 | 000) ;; *) download_failed "$url" ;; esac
    src=$f_temp/download
  fi
  case $src in /*) ;; *) src=$PWD/$src ;; esac
  reply src "$src"
  [ -e "$src" ] || fail "Source '$src' does not exist"
  [ -r "$src" ] || fail "Source '$src' not readable"
  [ -s "$src" ] || fail "Invalid archive '$src', the file is 0 bytes"
  unarchive_kind
  reply handler "$un_handler"
  if [ "$un_handler" = ZipArchive ]; then
    unarchive_zip
  else
    unarchive_tar
  fi
  cd -- "$un_home" || exit 1
  [ -z "$owner$group$mode$attributes$seuser$serole$setype$selevel" ] || checking || unarchive_attributes
  cd -- "$un_home" || exit 1
  f_seen=''
  files_info "$dest"
  [ -z "$list_files" ] || {
    reply_rest files
    cat -- "$f_temp/names"
  }
}

# What is there of $names, of which $sums are files and $links links: the controller compares it with the archive. Nothing is
# told where one is missing.
unarchive_look() {
  reply dest "$dest"
  reply me "${files_me%:*}"
  reply umask "$files_umask"
  files_info "$dest"
  cd -- "$dest" || exit 1
  eval "set -- $names"
  un_states=$(stat -c '%f:%u:%g:%U:%G:%Y:%y' -- "$@" 2>/dev/null) || return 0
  eval "set -- $links"
  for un_link do reply link "$(readlink -- "$un_link")"; done
  eval "set -- $sums"
  un_sums=''
  [ $# = 0 ] || un_sums=$(sha1sum -- "$@" 2>/dev/null) || return 0
  reply sums "$un_sums"
  reply states "$un_states"
}

# By the first bytes, as `file` would.
unarchive_kind() {
  un_magic=$(head -c 6 -- "$src" | od -An -tx1)
  case $un_magic in
    ' 50 4b 03 04'* | ' 50 4b 05 06'*) un_handler=ZipArchive ;;
    ' 1f 8b'*) un_handler=TgzArchive ;;
    ' 42 5a 68'*) un_handler=TarBzipArchive ;;
    ' fd 37 7a 58 5a 00'*) un_handler=TarXzArchive ;;
    ' 28 b5 2f fd'*) un_handler=TarZstdArchive ;;
    *) un_handler=TarArchive ;;
  esac
}

unarchive_tar() {
  if have gtar; then un_tar=$(command -v gtar); elif have tar; then un_tar=$(command -v tar); else fail "tar is not on this host; install it to unpack $src"; fi
  un_gnu=''
  case $($un_tar --version 2>/dev/null) in *GNU*) un_gnu=1 ;; esac
  un_flag=''
  if [ -n "$un_gnu" ]; then
    set --
    eval "set -- $exclude"
    un_count=$#
    while [ "$un_count" -gt 0 ]; do
      set -- "$@" "--exclude=$1"
      shift
      un_count=$((un_count - 1))
    done
    eval "set -- $extra_opts \"\$@\""
  else
    # busybox does not look at the content, and can't leave members out
    case $un_handler in
      TgzArchive) un_flag=-z ;;
      TarBzipArchive) un_flag=-j ;;
      TarXzArchive) un_flag=-J ;;
      TarZstdArchive)
        have zstd || fail "zstd is not on this host; install it to unpack $src"
        zstd -dcq <"$src" >"$f_temp/archive" || fail "could not read $src"
        src=$f_temp/archive
        ;;
    esac
    eval "set -- $extra_opts"
  fi
  un_quoting=''
  [ -z "$un_gnu" ] || un_quoting='--quoting-style=literal'
  un_transformed=''
  [ -z "$un_gnu" ] || [ -z "$extra_opts" ] || un_transformed=--show-transformed-names
  LC_ALL=C $un_tar -tv $un_flag -f "$src" "$@" ${un_gnu:+--quoting-style=escape} >"$f_temp/listing" 2>"$f_temp/listed" ||
    fail "Failed to find handler for \"$src\". Make sure the required command to extract the file is installed. Unable to list files in the archive: $(cat -- "$f_temp/listed")"
  eval "set -- \"\$@\" -f \"\$src\" $include"
  $un_tar -t $un_flag $un_quoting $un_transformed "$@" >"$f_temp/names" 2>"$f_temp/error" ||
    fail "Unable to list files in the archive: $(cat -- "$f_temp/error")"
  [ -s "$f_temp/names" ] || fail "Command \"$un_tar\" found no files in archive. Empty archive files are not supported."
  unarchive_check
  if [ -n "$un_gnu" ]; then
    unarchive_differs "$@" || return 0
    change content
    checking && return 0
    unarchive_ours || {
      unarchive_stage
      LC_ALL=C $un_tar --extract $un_transformed ${owner:+"--owner=$owner"} ${group:+"--group=$group"} "$@" >"$f_temp/out" 2>"$f_temp/error" || unarchive_done $? "$un_tar"
      un_told=1
      unarchive_merge
      return
    }
    un_owner=${owner:+--owner=$owner}
    un_group=${group:+--group=$group}
    # tar reads escapes in the name of -C
    (
      cd -- "$dest" || exit 2
      LC_ALL=C $un_tar --extract $un_transformed ${un_owner:+"$un_owner"} ${un_group:+"$un_group"} ${keep_newer:+--keep-newer-files} "$@"
    ) >"$f_temp/out" 2>"$f_temp/error"
    unarchive_done $? "$un_tar"
  else
    unarchive_stage
    $un_tar -x $un_flag "$@" 2>"$f_temp/error" || unarchive_done 1 "$un_tar"
    [ -z "$exclude" ] || unarchive_exclude
    unarchive_merge
  fi
}

# Takes what matches a pattern out of the fresh folder and of the list of names, as GNU's tar would have left it out.
unarchive_exclude() {
  eval "set -- $exclude"
  while IFS= read -r un_name; do
    un_out=''
    for un_pattern do
      case /$un_name in */$un_pattern | */$un_pattern/*) un_out=1 ;; esac
    done
    if [ -n "$un_out" ]; then rm -rf -- "./$un_name"; else printf '%s\n' "$un_name"; fi
  done <"$f_temp/names" >"$f_temp/kept"
  mv -- "$f_temp/kept" "$f_temp/names"
}

# unarchive_done RC COMMAND
unarchive_done() {
  reply extract_rc "$1"
  reply extract_cmd "$2"
  reply extract_out "$(cat -- "$f_temp/out" 2>/dev/null)"
  reply extract_err "$(cat -- "$f_temp/error")"
  [ "$1" = 0 ] || fail "failed to unpack $src to $dest: $(cat -- "$f_temp/error")"
}

# Whether anything on disk is not as in the archive; what the task sets itself does not count.
unarchive_differs() {
  (
    cd -- "$dest" || exit 2
    LC_ALL=C $un_tar --diff $un_transformed ${keep_newer:+--keep-newer-files} "$@"
  ) >"$f_temp/diff" 2>&1
  set -- -e 'Mod time differs$' -e 'Symlink differs$' -e 'Contents differ$' -e 'Size differs$' -e 'No such file or directory$' -e 'File type differs$' -e 'Invalid owner' -e 'Invalid group'
  case $files_me in
    0:*)
      [ -n "$owner" ] || set -- "$@" -e 'Uid differs$'
      [ -n "$group" ] || set -- "$@" -e 'Gid differs$'
      ;;
  esac
  [ -n "$mode" ] || set -- "$@" -e 'Mode differs$'
  # a folder whose whole name is stripped away has none that could be found
  grep -v ': : Warning: Cannot stat: No such file or directory$' -- "$f_temp/diff" | grep -q "$@"
}

# Refuses what reaches out of the folder: absolute names, "..", links that lead out or that later members go through, devices
# and setuid programs.
unarchive_check() {
  case " $extra_opts " in *"'-P'"* | *"'--absolute-names'"*) return 0 ;; esac
  # busybox takes away what leads out before it prints a name, and says so
  if grep -q 'removing leading' -- "$f_temp/error" "$f_temp/listed"; then
    fail "the archive $src is refused, it holds an absolute name or a name with .." dest "$dest"
  fi
  un_bad=$(UN_DEST=${un_real%/}/ LC_ALL=C awk -v gnu="$un_gnu" '
    function leaves(base, target,   parts, n, i, depth) {
      if (index(target, ENVIRON["UN_DEST"]) == 1) { base = "x"; target = substr(target, length(ENVIRON["UN_DEST"]) + 1) }
      if (target ~ /^\//) return 1
      n = split(base "/../" target, parts, "/")
      depth = 0
      for (i = 1; i <= n; i++) {
        if (parts[i] == "" || parts[i] == ".") continue
        if (parts[i] == "..") { if (--depth < 0) return 1 }
        else depth++
      }
      return 0
    }
    function refuse(why) { print why ": " name; bad = 1; exit }
    {
      type = substr($0, 1, 1)
      perms = substr($0, 2, 9)
      name = $0
      sub(/^[^ ]+ +[^ ]+ +[0-9,]+( *[0-9]+)? +[^ ]+ +[^ ]+ /, "", name)
      target = ""
      if (type == "l" && (at = index(name, " -> "))) { target = substr(name, at + 4); name = substr(name, 1, at - 1) }
      else if (type == "h" && (at = index(name, " link to "))) { target = substr(name, at + 9); name = substr(name, 1, at - 1) }
      else if (type != "l" && (at = index(name, " link to "))) { target = substr(name, at + 9); name = substr(name, 1, at - 1); type = "h" }
      else if (type != "l" && gnu == "" && (at = index(name, " -> "))) { target = substr(name, at + 4); name = substr(name, 1, at - 1); type = "h" }
      if (name ~ /^\//) refuse("an absolute name")
      if (name ~ /(^|\/)\.\.(\/|$)/) refuse("a name with ..")
      if (type == "b" || type == "c") refuse("a device")
      if (type != "d" && perms ~ /^(..[sS]|.....[sS])/) refuse("a setuid or setgid program")
      if (type == "l" && leaves(name, target)) refuse("a link that leads out of the folder")
      if (type == "h" && (target ~ /^\// || target ~ /(^|\/)\.\.(\/|$)/)) refuse("a hard link that leads out of the folder")
      clean = name
      sub(/\/+$/, "", clean)
      n = split(clean, parts, "/")
      path = ""
      for (i = 1; i < n; i++) {
        path = path (i > 1 ? "/" : "") parts[i]
        if (path in links) refuse("a name that goes through a link of the archive")
      }
      if (type == "l") links[clean] = 1
    }' "$f_temp/listing")
  [ -z "$un_bad" ] || fail "the archive $src is refused, it holds $un_bad" dest "$dest"
}

# A fresh folder to unpack to, where nobody else can change anything, beside the place where renaming is to put the files. We are in
# it then.
unarchive_stage() {
  cd -- "$dest" || fail "Destination $dest not writable"
  un_to=$(pwd -P)
  un_to=${un_to%/}
  ! checking || cd -- "$f_temp" || exit 1
  tree_stage
  trap 'tree_unstage; files_cleanup' EXIT
}

# Whether nobody else may write in the folders that the archive goes to: then tar may unpack there itself.
unarchive_ours() {
  un_states=$(
    cd -- "$dest" || exit 1
    stat -c '%F %u %A' .
    sed -e 's,^\.*/*,./,' -e 's,/[^/]*/*$,,' -- "$f_temp/names" | sort -u | awk '{ n = split($0, p, "/"); t = p[1]; for (i = 2; i <= n; i++) { t = t "/" p[i]; print t } }' |
      sort -u | tr '\n' '\0' | xargs -0 stat -c '%F %u %A' -- 2>/dev/null
  )
  ! printf '%s\n' "$un_states" | grep -qvE "^directory (0|${files_me%:*}) .....-..-|^$"
}

unarchive_zip() {
  have unzip || fail "Unable to find required 'unzip' binary in the path; install it to unpack $src"
  # every member once, as busybox's unzip can tell it too
  unzip -l "$src" >"$f_temp/listing" 2>"$f_temp/error" ||
    fail "Failed to find handler for \"$src\". $(cat -- "$f_temp/error")"
  sed -n 's/^ *[0-9][0-9]* *[0-9-]* *[0-9:]*  *\(.*[^ ]\)$/\1/p' "$f_temp/listing" | sed '/^[0-9]* files*$/d' >"$f_temp/all"
  if grep -q -e '^/' -e '^\.\./' -e '/\.\./' -e '/\.\.$' -e '^\.\.$' -- "$f_temp/all"; then
    fail "the archive $src is refused, it holds an absolute name or a name with .." dest "$dest"
  fi
  unarchive_stage
  eval "set -- $extra_opts \"\$src\" $include"
  if [ -n "$exclude" ]; then eval "set -- \"\$@\" -x $exclude"; fi
  unzip -o -q "$@" -d . >"$f_temp/out" 2>"$f_temp/error" || {
    un_rc=$?
    # 1 of Info-ZIP: a warning, all was unpacked; busybox's 1 is a failure
    case $un_rc$(unzip -v 2>/dev/null) in
      1*Info-ZIP*) ;;
      *) unarchive_done "$un_rc" unzip ;;
    esac
  }
  if grep -q -e 'removing leading' -e 'unsafe symlink' -- "$f_temp/error"; then
    fail "the archive $src is refused, it holds a name or a link that leads out of the folder" dest "$dest"
  fi
  find . -mindepth 1 | sed 's,^\./,,' >"$f_temp/names"
  # busybox's unzip does not set the times that the archive tells
  case $(unzip -v 2>/dev/null) in *Info-ZIP*) ;; *) un_no_times=1 ;; esac
  unarchive_merge
}

# Puts what was unpacked in the folder we are in in place: each file that is missing or differs in content, mode or time.
unarchive_merge() {
  : "${un_no_times:=}"
  if [ -n "$(find . '(' -type b -o -type c -o -type p ')' -print | head -n 1)" ]; then
    fail "the archive $src is refused, it holds a device" dest "$dest"
  fi
  un_apply=yes
  ! checking || un_apply=no
  un_links=$(find . -type l -exec sh -c 'for l do t=$(readlink -- "$l"); t=${t#"$0"}; case $t in /* | ../* | */../* | */.. | ..) printf "%s\n" "$l" ;; esac; done' "$un_real/" {} + | head -n 1)
  [ -n "$un_told" ] || [ -z "$un_links" ] || fail "the archive $src is refused, it holds a link that leads out of the folder: ${un_links#./}" dest "$dest"
  un_found=$(find . -mindepth 1 -exec sh -c "$tree_text"'
    to=$0 apply=$1 keep_mode=$2 keep_newer=$3 rename=$4 no_times=$5 from=$6 uid=$7
    shift 7
    for f do
      f=${f#./}
      d=$to/$f
      if [ "$apply" != no ]; then
        case $f in */*) in=$to/${f%/*} ;; *) in=$to ;; esac
        d=./${f##*/}
        f=$from/$f
        # it may have gone with its folder
        [ -e "$f" ] || [ -L "$f" ] || continue
        go "$in" || { printf "failed\n"; continue; }
      else
        f=$from/$f
      fi
      if [ -L "$f" ]; then
        [ -L "$d" ] && [ "$(readlink -- "$d")" = "$(readlink -- "$f")" ] && continue
        [ "$apply" = no ] || $rename -- "$f" "$d" || printf "failed\n"
      elif [ -d "$f" ]; then
        [ ! -d "$d" ] || continue
        [ "$apply" = no ] || $rename -- "$f" "$d" || printf "failed\n"
      else
        if [ -f "$d" ] && [ ! -L "$d" ]; then
          new=$(stat -c %Y:%a -- "$f") old=$(stat -c %Y:%a -- "$d")
          if [ -n "$keep_newer" ] && [ "${old%:*}" -gt "${new%:*}" ]; then continue; fi
          [ -z "$no_times" ] || new=0:${new#*:} old=0:${old#*:}
          [ -z "$keep_mode" ] || new=${new%:*} old=${old%:*}
          [ "$new" = "$old" ] && cmp -s -- "$f" "$d" && continue
        fi
        [ "$apply" = no ] || $rename -- "$f" "$d" || printf "failed\n"
      fi
      printf "changed\n"
    done' "$un_to" "$un_apply" "$mode" "$keep_newer" "$files_mv" "$un_no_times" "$t_from" "${files_me%:*}" {} +)
  case $un_found in
    *failed*) fail "failed to unpack $src to $dest" ;;
    ?*)
      [ -n "$un_told" ] || change content
      checking || unarchive_done 0 unpack
      ;;
  esac
}

# Owner, mode and labels of all that is in the archive, and of the folders above them in it.
unarchive_attributes() {
  tree_at "$dest"
  un_seen=''
  while IFS= read -r un_name; do
    un_name=${un_name#/}
    un_name=${un_name%/}
    case $un_name in
      */*)
        un_top=${un_name%%/*}
        if [ "$un_top" != "$un_seen" ]; then
          un_seen=$un_top
          unarchive_own "$un_top"
        fi
        ;;
    esac
    unarchive_own "$un_name"
  done <"$f_temp/names"
  cd -- "${tree_top:-/}" || exit 1
}

unarchive_own() {
  tree_go "$1"
  files_look "$t_name" && files_attributes "$t_name"
}
