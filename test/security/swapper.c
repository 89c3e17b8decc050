/*
 * What a user can do to files that root makes in his directory. `swapper swap DIR FILE FOLDER`: whatever appears below DIR is moved
 * aside and replaced by a link, to FILE in place of a file and to FOLDER in place of a directory. `swapper flip NAME LINK`: the
 * two names are exchanged for as long as it runs. It prints a line when it is ready.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static int notify;
static char *watched[4096];
static const char *file, *folder;

static void look_at(const char *directory);

static void swap(const char *directory, const char *name) {
  char path[PATH_MAX], away[PATH_MAX + 8];
  struct stat is;
  if (strstr(name, ".away")) return;
  snprintf(path, sizeof path, "%s/%s", directory, name);
  if (lstat(path, &is) || S_ISLNK(is.st_mode)) return;
  snprintf(away, sizeof away, "%s.away", path);
  if (rename(path, away)) return;
  if (symlink(S_ISDIR(is.st_mode) ? folder : file, path)) return;
  if (S_ISDIR(is.st_mode)) look_at(away);
}

static void look_at(const char *directory) {
  int watch = inotify_add_watch(notify, directory, IN_CREATE | IN_MOVED_TO | IN_ONLYDIR);
  if (watch < 0 || watch >= 4096) return;
  if (!watched[watch]) watched[watch] = strdup(directory);
  DIR *open = opendir(directory);
  struct dirent *entry;
  if (!open) return;
  while ((entry = readdir(open)))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') {
      char below[PATH_MAX];
      snprintf(below, sizeof below, "%s/%s", directory, entry->d_name);
      look_at(below);
    }
  closedir(open);
}

int main(int count, char **words) {
  if (count == 4 && !strcmp(words[1], "flip")) {
    puts("ready");
    fflush(stdout);
    for (;;) syscall(SYS_renameat2, AT_FDCWD, words[2], AT_FDCWD, words[3], 2 /* RENAME_EXCHANGE */);
  }
  if (count != 5) return 2;
  file = words[3];
  folder = words[4];
  notify = inotify_init1(IN_CLOEXEC);
  look_at(words[2]);
  puts("ready");
  fflush(stdout);
  char events[65536] __attribute__((aligned(8)));
  ssize_t length;
  while ((length = read(notify, events, sizeof events)) > 0)
    for (char *at = events; at < events + length;) {
      struct inotify_event *event = (struct inotify_event *)at;
      if (event->wd >= 0 && event->wd < 4096 && watched[event->wd] && event->len) swap(watched[event->wd], event->name);
      at += sizeof *event + event->len;
    }
  return 0;
}
