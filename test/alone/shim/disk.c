/*
 * Stands between a program and its files (LD_PRELOAD, Linux, glibc): writes down every change to files below DISK_FOLDER, in
 * order, and makes the n-th of them fail when told so. For power-cut.ts and faults.ts; no part of the product.
 *
 * The record (DISK_LOG) is a row of: kind (1 byte), length of the path (2), path, offset (8), length (4), bytes.
 *   'o' opened with O_CREAT  'w' written  't' truncated to offset  's' synced  'u' unlinked  'r' renamed to the bytes
 * Told what to do by unlink() of names that are no files: /disk/fail/KIND/N/STICKY (KIND: eio, enospc, short, fsync) begins
 * counting; /disk/off ends it, and answers EEXIST if a fault was met, else ENOENT.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 4096
#define PATH_MAX_LENGTH 1024

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *paths[FILES_MAX];
static const char *folder;
static int record = -1;

static enum { NONE, EIO_FAULT, ENOSPC_FAULT, SHORT_FAULT, FSYNC_FAULT } fault = NONE;
static long countdown;
static int sticky, fired;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
  folder = getenv("DISK_FOLDER");
  const char *log = getenv("DISK_LOG");
  if (log) record = REAL(open)(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
}

static int watched(const char *path) {
  return folder && path && strncmp(path, folder, strlen(folder)) == 0 && !strstr(path + strlen(folder), "-shm");
}

static void note(char kind, const char *path, uint64_t offset, const void *bytes, uint32_t length) {
  if (record < 0) return;
  uint16_t size = strlen(path);
  char head[1 + 2 + PATH_MAX_LENGTH + 8 + 4];
  size_t at = 0;
  head[at++] = kind;
  memcpy(head + at, &size, 2);
  memcpy(head + at + 2, path, size);
  memcpy(head + at + 2 + size, &offset, 8);
  memcpy(head + at + 10 + size, &length, 4);
  struct iovec parts[2] = {{head, at + 14 + size}, {(void *)bytes, length}};
  if (REAL(writev)(record, parts, 2) < 0) abort();
}

static char *path_of(int fd) { return fd >= 0 && fd < FILES_MAX ? paths[fd] : NULL; }

/* Whether this call is the one to fail. fsync faults count fsyncs only, the others count writes and truncations. */
static int fails(int is_sync) {
  if (fault == NONE || (fault == FSYNC_FAULT) != is_sync) return 0;
  if (countdown > 0 && --countdown > 0) return 0;
  if (fired && !sticky) return 0;
  fired = 1;
  return 1;
}

static void opened(int fd, const char *path, int flags) {
  if (fd < 0 || fd >= FILES_MAX || !watched(path)) return;
  pthread_mutex_lock(&lock);
  free(paths[fd]);
  paths[fd] = strdup(path);
  if (flags & O_CREAT) note('o', path, 0, NULL, 0);
  if (flags & O_TRUNC) note('t', path, 0, NULL, 0);
  pthread_mutex_unlock(&lock);
}

#define OPEN(name)                                               \
  int name(const char *path, int flags, ...) {                   \
    va_list rest;                                                \
    va_start(rest, flags);                                       \
    int mode = flags & O_CREAT ? va_arg(rest, int) : 0;          \
    va_end(rest);                                                \
    int fd = REAL(name)(path, flags, mode);                      \
    opened(fd, path, flags);                                     \
    return fd;                                                   \
  }
OPEN(open)
OPEN(open64)

int close(int fd) {
  if (path_of(fd)) {
    pthread_mutex_lock(&lock);
    free(paths[fd]);
    paths[fd] = NULL;
    pthread_mutex_unlock(&lock);
  }
  return REAL(close)(fd);
}

static ssize_t failed_write(int fd, const void *bytes, size_t length, off64_t offset) {
  if (fault == SHORT_FAULT && length > 1) {
    ssize_t half = REAL(pwrite64)(fd, bytes, length / 2, offset);
    if (half > 0) return half;
  }
  errno = fault == EIO_FAULT ? EIO : ENOSPC;
  return -1;
}

static ssize_t put(int fd, const void *bytes, size_t length, off64_t offset, int moves) {
  pthread_mutex_lock(&lock);
  ssize_t written = fails(0) ? failed_write(fd, bytes, length, offset) : REAL(pwrite64)(fd, bytes, length, offset);
  if (written > 0) {
    note('w', paths[fd], offset, bytes, written);
    if (moves) lseek64(fd, offset + written, SEEK_SET);
  }
  int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return written;
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off64_t offset) {
  return path_of(fd) ? put(fd, bytes, length, offset, 0) : REAL(pwrite64)(fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) {
  return path_of(fd) ? put(fd, bytes, length, offset, 0) : REAL(pwrite)(fd, bytes, length, offset);
}

ssize_t write(int fd, const void *bytes, size_t length) {
  if (!path_of(fd)) return REAL(write)(fd, bytes, length);
  int appends = fcntl(fd, F_GETFL) & O_APPEND;
  return put(fd, bytes, length, lseek64(fd, 0, appends ? SEEK_END : SEEK_CUR), 1);
}

#define SYNC(name)                                               \
  int name(int fd) {                                             \
    if (!path_of(fd)) return REAL(name)(fd);                     \
    pthread_mutex_lock(&lock);                                   \
    int status = -1;                                             \
    if (fails(1)) errno = EIO;                                   \
    else status = REAL(name)(fd);                                \
    if (status == 0) note('s', paths[fd], 0, NULL, 0);           \
    int code = errno;                                            \
    pthread_mutex_unlock(&lock);                                 \
    errno = code;                                                \
    return status;                                               \
  }
SYNC(fsync)
SYNC(fdatasync)

int ftruncate64(int fd, off64_t length) {
  if (!path_of(fd)) return REAL(ftruncate64)(fd, length);
  pthread_mutex_lock(&lock);
  int status = -1;
  if (fails(0)) errno = fault == EIO_FAULT ? EIO : ENOSPC;
  else status = REAL(ftruncate64)(fd, length);
  if (status == 0) note('t', paths[fd], length, NULL, 0);
  int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return status;
}

static int told(const char *order) {
  char kind[16];
  int failed = fired;
  fault = NONE;
  fired = 0;
  if (sscanf(order, "/disk/fail/%15[^/]/%ld/%d", kind, &countdown, &sticky) == 3) {
    fault = !strcmp(kind, "eio")      ? EIO_FAULT
            : !strcmp(kind, "enospc") ? ENOSPC_FAULT
            : !strcmp(kind, "short")  ? SHORT_FAULT
                                      : FSYNC_FAULT;
  }
  errno = failed ? EEXIST : ENOENT;
  return -1;
}

int unlink(const char *path) {
  if (strncmp(path, "/disk/", 6) == 0) return told(path);
  int status = REAL(unlink)(path);
  if (status == 0 && watched(path)) {
    pthread_mutex_lock(&lock);
    note('u', path, 0, NULL, 0);
    pthread_mutex_unlock(&lock);
  }
  return status;
}

int rename(const char *from, const char *to) {
  int status = REAL(rename)(from, to);
  if (status == 0 && watched(from)) {
    pthread_mutex_lock(&lock);
    note('r', from, 0, to, strlen(to));
    pthread_mutex_unlock(&lock);
  }
  return status;
}
