/*
 * A disk that breaks at the nth durable write of a ledger, for LD_PRELOAD. The file that KEYWAY_BROKEN_DISK names is
 * three 64-bit integers that the program under test maps too: [0] the write that breaks first, 0 for never; [1] whether
 * that one reaches the disk although it is said to have failed; [2] the durable writes so far. From the first on all fail.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>

static volatile int64_t *control(void) {
  static volatile int64_t *mapped;
  if (!mapped) {
    int fd = open(getenv("KEYWAY_BROKEN_DISK"), O_RDWR);
    mapped = mmap(NULL, 24, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  }
  return mapped;
}

static int is_ledger(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  const char *name = strrchr(path, '/');
  return name && (!strcmp(name, "/ledger.db") || !strcmp(name, "/ledger.db-wal"));
}

/* 0: as ever. 1: fail and do nothing. 2: do it and fail. */
static int fate(int fd) {
  if (!is_ledger(fd)) return 0;
  volatile int64_t *c = control();
  int64_t nth = ++c[2];
  if (c[0] == 0 || nth < c[0]) return 0;
  return nth == c[0] && c[1] ? 2 : 1;
}

#define BREAKING(fd, call)        \
  switch (fate(fd)) {             \
    case 0: return call;          \
    case 2: (void)!call;          \
  }                               \
  errno = EIO;                    \
  return -1;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t pwrite(int fd, const void *bytes, size_t n, off_t at) { BREAKING(fd, REAL(pwrite)(fd, bytes, n, at)) }
ssize_t pwrite64(int fd, const void *bytes, size_t n, off64_t at) { BREAKING(fd, REAL(pwrite64)(fd, bytes, n, at)) }
int fdatasync(int fd) { BREAKING(fd, REAL(fdatasync)(fd)) }
int fsync(int fd) { BREAKING(fd, REAL(fsync)(fd)) }
int ftruncate(int fd, off_t length) { BREAKING(fd, REAL(ftruncate)(fd, length)) }
int ftruncate64(int fd, off64_t length) { BREAKING(fd, REAL(ftruncate64)(fd, length)) }
