// SPDX-License-Identifier: Apache-2.0
// For bench/walk, loaded by LD_PRELOAD: each call that lists a folder takes half a millisecond
// more, as over a network.
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <unistd.h>

ssize_t getdents64(int folder, void* buffer, size_t size)
{
  static ssize_t (*next)(int, void*, size_t);
  if (next == NULL) next = (ssize_t(*)(int, void*, size_t))dlsym(RTLD_NEXT, "getdents64");
  usleep(500);
  return next(folder, buffer, size);
}
