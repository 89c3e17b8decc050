#: needs files tree
# A checkout of a git repository. `ext::` transports are never allowed: they are commands of whoever chose the address.
# shellcheck disable=SC2034,SC2154,SC2086 # assigned by the request; options are several words
do_git() {
  g_git=${g_executable:-git}
  have "$g_git" || fail "Failed to find required executable \"$g_git\" in paths: $PATH"
  export LC_ALL=C.UTF-8 GIT_TERMINAL_PROMPT=0 GIT_ASKPASS=true
  [ -z "$g_ssh" ] || export GIT_SSH_COMMAND="$g_ssh"
  [ -z "$g_umask" ] || umask "$g_umask"
  case $g_repo in /*) g_repo=file://$g_repo ;; esac
  if [ -n "$g_bare" ]; then g_folder=$g_dest; else g_folder=$g_dest/.git; fi
  # Without a directory nothing is looked at but the other side.
  [ -n "$g_dest" ] || g_folder=/dev/null
  if [ -f "$g_folder" ]; then
    read -r _ g_folder <"$g_folder"
    case $g_folder in /*) ;; *) g_folder=$g_dest/$g_folder ;; esac
  fi
  if [ ! -e "$g_folder/config" ]; then
    if checking || [ -z "$g_clone" ]; then
      git_remote_head "$g_repo"
      change clone
      reply after "$g_head"
      return
    fi
    git_clone
  else
    cd -- "$g_dest" || fail "can't change into $g_dest"
    g_before=$(git_run rev-parse HEAD 2>/dev/null)
    reply before "$g_before"
    if [ -z "$g_update" ]; then
      reply after "$g_before"
      git_archive
      return
    fi
    git_existing
  fi
  [ -n "$g_bare" ] || git_submodules
  g_after=$(git_run rev-parse HEAD 2>/dev/null)
  reply after "$g_after"
  [ "$g_after" = "$g_before" ] || change version
  git_archive
}

git_run() {
  "$g_git" -c protocol.ext.allow=never "$@"
}

git_must() {
  g_what=$1
  shift
  g_out=$(git_run "$@" 2>&1) || fail "$g_what: $g_out" rc "$?" cmd "git $*" stdout '' stderr "$g_out"
}

# g_head: the commit that the version names over there; g_kind: branch, tag, HEAD or commit.
git_remote_head() {
  g_kind=commit g_head=
  case $g_version in
    HEAD) g_kind=HEAD ;;
  esac
  g_refs=$(git_run ls-remote -- "$1" HEAD "refs/heads/$g_version" "refs/tags/$g_version" "refs/tags/$g_version^{}" "$g_version" 2>&1) ||
    fail "Could not read the remote repository: $g_refs" rc "$?" cmd "git ls-remote $1" stdout '' stderr "$g_refs"
  g_tag=
  g_other=
  while read -r g_sha g_ref; do
    case $g_ref in
      HEAD) [ "$g_kind" != HEAD ] || g_head=$g_sha ;;
      "refs/heads/$g_version") g_kind=branch g_head=$g_sha ;;
      "refs/tags/$g_version^{}") g_tag=$g_sha ;;
      "refs/tags/$g_version") [ -n "$g_tag" ] || g_tag=$g_sha ;;
      "$g_version") g_other=$g_sha ;;
    esac
  done <<EOF
$g_refs
EOF
  if [ "$g_kind" = commit ] && [ -n "$g_tag" ]; then
    g_kind=tag g_head=$g_tag
  elif [ "$g_kind" = commit ] && [ -n "$g_other" ]; then
    g_kind=ref g_head=$g_other
  fi
  [ "$g_kind" != commit ] || g_head=$g_version
}

git_clone() {
  g_before=
  git_remote_head "$g_repo"
  [ -d "${g_dest%/*}/" ] || mkdir -p -- "${g_dest%/*}" || fail "can't make ${g_dest%/*}"
  set -- clone --origin "$g_remote"
  if [ -n "$g_bare" ]; then
    set -- "$@" --bare
  fi
  [ -z "$g_depth" ] || case $g_kind in
    commit | ref) warn "Ignoring depth argument. Shallow clones are only available for HEAD, branches, tags or in combination with refspec." ;;
    *) set -- "$@" --depth "$g_depth" ;;
  esac
  case $g_kind in branch | tag) [ -n "$g_bare" ] || set -- "$@" --branch "$g_version" ;; esac
  [ -z "$g_single_branch" ] || set -- "$@" --single-branch
  [ -z "$g_reference" ] || set -- "$@" --reference "$g_reference"
  [ -z "$g_separate" ] || set -- "$@" "--separate-git-dir=$g_separate"
  if [ -n "$g_separate" ] || [ -e "$g_dest" ]; then
    git_must "Failed to clone" "$@" -- "$g_repo" "$g_dest"
    cd -- "$g_dest" || fail "can't change into $g_dest"
  else
    git_staged "$@"
  fi
  [ -z "$g_refspec" ] || git_must "Failed to download remote objects and refs" fetch "$g_remote" "$g_refspec"
  change clone
  git_verify
  if [ -z "$g_bare" ]; then
    case $g_kind in
      commit | ref) git_fetch_commit && git_must "Failed to checkout $g_version" checkout --force "$g_head" -- ;;
    esac
  fi
}

# The clone is made in a folder of ours beside its place: git writes to its own by name, and where it fails it removes what is there by
# name. We stay in it while it is moved.
git_staged() {
  [ ! -e "$g_repo" ] || case $g_repo in /*) ;; *) g_repo=$PWD/$g_repo ;; esac
  case $g_dest in /*) ;; *) g_dest=$PWD/$g_dest ;; esac
  cd -- "${g_dest%/*}/" || fail "can't change into ${g_dest%/*}"
  tree_stage
  git_must "Failed to clone" "$@" -- "$g_repo" ./new
  cd ./new || fail "can't change into the clone"
  files_move "$t_from/new" "$g_dest" || fail "can't move the clone to $g_dest"
  (tree_unstage)
  t_inode=''
}

git_existing() {
  if [ -z "$g_bare" ]; then
    g_status=$(git_run status --porcelain --untracked-files=no 2>&1) || fail "Failed to look for local modifications: $g_status"
    if [ -n "$g_status" ]; then
      [ -n "$g_force" ] || fail "Local modifications exist in the destination: $g_dest (force=no)." before "$g_before"
      change local_modifications
      checking || git_must "Failed to reset" reset --hard HEAD --
    fi
  fi
  g_url=$(git_run config --get "remote.$g_remote.url")
  g_same=
  [ "$g_url" = "$g_repo" ] || [ "file://$g_url" = "$g_repo" ] || g_same=no
  if [ -n "$g_same" ]; then
    reply remote_url_changed 1
    change remote_url
    if ! checking; then
      if [ -n "$g_url" ]; then
        git_must "Failed to set a new url" remote set-url "$g_remote" "$g_repo"
      else
        git_must "Failed to add the remote" remote add "$g_remote" "$g_repo"
      fi
    fi
  fi
  # A commit that is here needs no question over there.
  case $g_version in
    *[!0-9a-f]* | '') git_remote_head "$g_repo" ;;
    *)
      g_kind=commit g_head=$g_version
      [ ${#g_version} -eq 40 ] || git_remote_head "$g_repo"
      ;;
  esac
  if checking; then
    reply after "$g_head"
    case $g_before in "$g_head"*) ;; *) change version ;; esac
    exit 0
  fi
  case $g_before in
    "$g_head") [ -n "$g_bare$g_refspec" ] || { git_verify; git_on_name; return; } ;;
  esac
  git_fetch
  [ -n "$g_bare" ] || git_switch
}

git_fetch() {
  set -- fetch
  [ -z "$g_depth" ] || set -- "$@" --depth "$g_depth"
  [ -z "$g_force" ] || set -- "$@" --force
  if [ -n "$g_bare" ]; then
    git_must "Failed to download remote objects and refs" "$@" "$g_remote" '+refs/heads/*:refs/heads/*' '+refs/tags/*:refs/tags/*' $g_refspec
    return
  fi
  case $g_kind in
    branch) git_must "Failed to download remote objects and refs" "$@" --tags "$g_remote" "+refs/heads/$g_version:refs/remotes/$g_remote/$g_version" ${g_refspec:+"$g_refspec"} ;;
    tag) git_must "Failed to download remote objects and refs" "$@" "$g_remote" "+refs/tags/$g_version:refs/tags/$g_version" ${g_refspec:+"$g_refspec"} ;;
    HEAD) git_must "Failed to download remote objects and refs" "$@" --tags "$g_remote" '+HEAD:refs/troupe/head' ${g_refspec:+"$g_refspec"} ;;
    *)
      [ -z "$g_refspec" ] || git_must "Failed to download remote objects and refs" "$@" "$g_remote" "$g_refspec"
      git_fetch_commit
      ;;
  esac
}

git_fetch_commit() {
  git_run cat-file -e "$g_head^{commit}" 2>/dev/null && return
  git_run fetch "$g_remote" "$g_head" >/dev/null 2>&1 && return
  git_must "Failed to download remote objects and refs" fetch --tags "$g_remote"
  git_run cat-file -e "$g_head^{commit}" 2>/dev/null || fail "Failed to checkout $g_version: it is not in the repository"
}

git_verify() {
  [ -n "$g_verify" ] || return 0
  if [ "$g_kind" = tag ]; then g_verb=verify-tag; else g_verb=verify-commit; fi
  g_out=$(git_run "$g_verb" --raw "$g_version" 2>&1) || fail "Failed to verify GPG signature of commit/tag \"$g_version\": $g_out"
  [ -n "$g_allowlist" ] || return 0
  g_good=
  for g_key in $g_allowlist; do case $g_out in *"VALIDSIG $g_key"* | *"VALIDSIG "*"$g_key"*) g_good=1 ;; esac done
  [ -n "$g_good" ] || fail "The gpg_allowlist does not include the public key of this commit/tag"
}

# The same commit may be checked out under another name than the one asked for: a branch where a tag or a commit is wanted.
git_on_name() {
  [ -z "$g_bare" ] || return 0
  g_name=$(git_run symbolic-ref --short -q HEAD)
  case $g_kind in
    branch) [ "$g_name" != "$g_version" ] || return 0 ;;
    tag | commit | ref) [ -n "$g_name" ] || return 0 ;;
    *) return 0 ;;
  esac
  git_switch
}

git_switch() {
  case $g_kind in
    HEAD)
      g_branch=$(git_run symbolic-ref --short -q HEAD)
      git_verify
      g_default=$(git_run ls-remote --symref -- "$g_repo" HEAD 2>/dev/null)
      case $g_default in "ref: refs/heads/"*) g_branch=${g_default#ref: refs/heads/} && g_branch=${g_branch%%	*} ;; esac
      git_must "Failed to checkout branch $g_branch" checkout --force -B "${g_branch:-master}" refs/troupe/head --
      git_run update-ref "refs/remotes/$g_remote/${g_branch:-master}" refs/troupe/head
      git_run update-ref -d refs/troupe/head
      ;;
    branch)
      git_must "Failed to checkout branch $g_version" checkout --force -B "$g_version" "refs/remotes/$g_remote/$g_version" --
      git_run branch --set-upstream-to "$g_remote/$g_version" "$g_version" >/dev/null 2>&1
      git_verify
      ;;
    *)
      git_must "Failed to checkout $g_version" checkout --force "$g_head" --
      git_verify
      ;;
  esac
}

git_submodules() {
  if [ -z "$g_recursive" ] || [ ! -f .gitmodules ]; then return 0; fi
  g_modules=$(git_run submodule status --recursive 2>/dev/null)
  git_must "Failed to sync submodules" submodule sync --recursive
  set -- submodule update --init --recursive
  [ -z "$g_track" ] || set -- "$@" --remote
  [ -z "$g_force" ] || set -- "$@" --force
  git_must "Failed to init/update submodules" "$@"
  if [ "$g_modules" != "$(git_run submodule status --recursive 2>/dev/null)" ]; then
    change submodules
    reply submodules_changed 1
  fi
}

git_archive() {
  [ -n "$g_archive" ] || return 0
  checking && { change archive; return; }
  case $g_archive in
    *.zip) g_format=zip ;;
    *.tar.gz | *.tgz) g_format=tar.gz ;;
    *.tar) g_format=tar ;;
    *) fail "Unable to get file extension from archive file name : $g_archive" ;;
  esac
  g_new=$g_archive.troupe.$$
  git_must "Failed to perform archive operation" archive "--format=$g_format" ${g_prefix:+"--prefix=$g_prefix"} "--output=$g_new" "${g_head:-HEAD}"
  if [ -e "$g_archive" ] && cmp -s "$g_new" "$g_archive"; then
    rm -f -- "$g_new"
  else
    mv -f -- "$g_new" "$g_archive" || fail "can't write $g_archive"
    change archive
  fi
}
