# Python packages with pip: what is installed is listed once; pip runs only where that is not what was asked for.
# shellcheck disable=SC2154,SC2086 # assigned by the request; a command of several words
do_pip() {
  export LC_ALL=C.UTF-8 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
  [ -z "$p_break" ] || export PIP_BREAK_SYSTEM_PACKAGES=1
  [ -z "$p_umask" ] || umask "$p_umask"
  p_to=${p_chdir:-/tmp}
  CDPATH='' cd -- "$p_to" || fail "can't change into $p_to"
  if [ -n "$p_virtualenv" ]; then
    if [ ! -e "$p_virtualenv/bin/activate" ]; then
      change virtualenv
      if checking; then return; fi
      pip_virtualenv
    fi
    PATH=$p_virtualenv/bin:$PATH
    set -- "$p_virtualenv/bin/pip"
  elif [ -n "$p_executable" ]; then
    case $p_executable in */*) ;; *) have "$p_executable" || fail "Unable to find $p_executable to use.  pip needs to be installed." ;; esac
    set -- "$p_executable"
  elif have pip3; then
    set -- pip3
  elif have pip; then
    set -- pip
  elif have python3 && python3 -m pip --version >/dev/null 2>&1; then
    set -- python3 -m pip
  else
    fail 'Unable to find any of pip3, pip to use.  pip needs to be installed.'
  fi
  reply list "$("$@" list --format=freeze 2>/dev/null || "$@" freeze 2>/dev/null)"
  if [ -z "$p_run" ]; then
    reply asked 1
    return
  fi
  case $p_state in
    absent) set -- "$@" uninstall -y ;;
    latest) set -- "$@" install -U ;;
    forcereinstall) set -- "$@" install -U --force-reinstall ;;
    *) set -- "$@" install ;;
  esac
  eval "set -- \"\$@\" $p_extra $p_words"
  reply cmd "$*"
  p_out=$("$@")
  p_rc=$?
  reply stdout "$p_out"
  reply rc "$p_rc"
}

pip_virtualenv() {
  eval "set -- $p_virtualenv_command"
  if ! have "$1" && [ "$1" = virtualenv ] && have python3; then
    set -- python3 -m venv
  fi
  have "$1" || fail "Failed to find required executable \"$1\""
  [ -z "$p_site" ] || set -- "$@" --system-site-packages
  case "$*" in *venv*) case "$*" in *virtualenv*) [ -z "$p_python" ] || set -- "$@" "-p$p_python" ;; esac ;; esac
  p_out=$("$@" "$p_virtualenv" 2>&1) || fail "stdout: $p_out" cmd "$* $p_virtualenv"
}
