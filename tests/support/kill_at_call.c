// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into the program under test. KILL_AT=n ends it with SIGKILL at its nth system call that
// changes a file. KILL_COUNT_FILE names a file that gets the number of those calls at the end.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static atomic_long calls;

static void step(void)
{
  const char* at = getenv("KILL_AT");
  if (atomic_fetch_add(&calls, 1) + 1 == (at != NULL ? atol(at) : -1)) kill(getpid(), SIGKILL);
}

__attribute__((destructor)) static void report(void)
{
  const char* path = getenv("KILL_COUNT_FILE");
  FILE* file = path != NULL ? fopen(path, "w") : NULL;
  if (file == NULL) return;
  fprintf(file, "%ld\n", atomic_load(&calls));
  fclose(file);
}

#define WRAP(result, name, parameters, arguments)                    \
  result name parameters                                             \
  {                                                                  \
    static result (*real) parameters;                                \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);      \
    step();                                                          \
    return real arguments;                                           \
  }

WRAP(ssize_t, write, (int fd, const void* bytes, size_t size), (fd, bytes, size))
WRAP(ssize_t, pwrite64, (int fd, const void* bytes, size_t size, off64_t at), (fd, bytes, size, at))
WRAP(int, fsync, (int fd), (fd))
WRAP(int, mkdirat, (int fd, const char* path, mode_t mode), (fd, path, mode))
WRAP(int, renameat2, (int from, const char* a, int to, const char* b, unsigned flags), (from, a, to, b, flags))
WRAP(int, renameat, (int from, const char* a, int to, const char* b), (from, a, to, b))
WRAP(int, unlinkat, (int fd, const char* path, int flags), (fd, path, flags))
