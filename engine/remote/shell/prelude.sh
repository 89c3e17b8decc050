# What every module's shell half may call; loaded once into each long-lived shell, before its first request.
# Each request sets T_CHECK, T_DIFF and T_NAME, letters and digits that were drawn for it and that nobody knew before.
# A reply is a sequence of KEY NUL VALUE NUL; after `>KEY NUL` all that follows is one value.

# reply KEY VALUE: gives a value back to the controller.
reply() { printf '%s\0%s\0' "$1" "$2"; }

# reply_rest KEY: everything printed after this, until the request ends, is the value (any bytes).
reply_rest() { printf '>%s\0' "$1"; }

# change WORD...: says what was changed, or would be in check mode.
change() { for t_word do reply change "$t_word"; done; }

# warn MSG: a warning for the user; the task goes on.
warn() { reply warning "$1"; }

# fail MSG [KEY VALUE]...: ends the task as failed, with further keys of its result; what was replied before is not of it.
# A `path`, or else a `dest`, brings what is there, as with Ansible.
fail() {
  reply failed "$1"
  shift
  t_place=''
  while [ $# -gt 1 ]; do
    reply "$1" "$2"
    case $1 in path) t_place=$2 ;; dest) t_place=${t_place:-$2} ;; esac
    shift 2
  done
  if [ -n "$t_place" ] && [ -e "$t_place" ]; then reply stat "$(stat -c '%h %u %g %a %s %U %G %F' -- "$t_place" 2>/dev/null)"; fi
  exit 1
}

checking() { [ -n "$T_CHECK" ]; }
diffing() { [ -n "$T_DIFF" ]; }

# have CMD: whether a command can be found; no fork.
have() { command -v "$1" >/dev/null 2>&1; }

# sbin_path: adds the folders of system tools, which the PATH of an unprivileged ssh session often lacks.
sbin_path() {
  for t_word in /usr/local/sbin /usr/sbin /sbin; do
    case ":$PATH:" in *":$t_word:"*) ;; *) PATH=$PATH:$t_word ;; esac
  done
}

# temp_folder: makes "$T_TMP", a folder for this shell alone that is removed when it ends.
temp_folder() { t_private "$T_TMP"; }

# Names are random, and mkdir fails on anything that is already there: only a folder of our own is used again. Another shell
# of this user may make the same one at this moment.
t_private() {
  if t_ours "$1"; then return; fi
  (
    umask 077
    [ -d "${1%/*}" ] || mkdir -p "${1%/*}"
    mkdir "$1" 2>/dev/null || t_ours "$1" || mkdir "$1"
  )
}
t_ours() { [ -d "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }

# At the shell's end. T_UPLOADS belongs to all shells of this user on the connection.
t_leave() {
  # Files that were uploaded beside their place and that nobody came to use: the controller was killed, or cut off.
  for t_word in "$T_TMP"/sent.*; do
    [ -f "$t_word" ] || continue
    t_sent=$(cat "$t_word" && echo x)
    rm -f "${t_sent%x}"
  done
  for t_word in "$T_TMP" "$T_UPLOADS"; do
    if [ -d "$t_word" ]; then rm -rf "$t_word"; fi
  done
}

# A folder that this user may not read (the login user's home after sudo) makes find, tar and bash complain.
if [ ! -r . ] || [ ! -x . ]; then cd "$HOME" 2>/dev/null || cd /; fi
