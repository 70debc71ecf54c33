// SPDX-License-Identifier: Apache-2.0
//
// Preloaded into the program under test. Refuses what the file system is to lack, as such file
// systems do. LACKING names it: "locks" (NFS without a lock service), "links" and "renames"
// (exclusive ones), "attributes", "flushes".
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

static int lacks(const char* what, int number)
{
  const char* all = getenv("LACKING");
  if (all == NULL || strstr(all, what) == NULL) return 0;
  errno = number;
  return 1;
}

#define REFUSE(name, what, number, parameters, arguments)         \
  int name parameters                                             \
  {                                                               \
    static int(*real) parameters;                                 \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, #name);   \
    return lacks(what, number) ? -1 : real arguments;             \
  }

REFUSE(flock, "locks", ENOLCK, (int fd, int operation), (fd, operation))
REFUSE(linkat, "links", EPERM, (int from, const char* a, int to, const char* b, int flags),
       (from, a, to, b, flags))
REFUSE(renameat2, "renames", EINVAL,
       (int from, const char* a, int to, const char* b, unsigned int flags), (from, a, to, b, flags))
REFUSE(fsetxattr, "attributes", ENOTSUP,
       (int fd, const char* name, const void* value, size_t size, int flags),
       (fd, name, value, size, flags))
REFUSE(setxattr, "attributes", ENOTSUP,
       (const char* path, const char* name, const void* value, size_t size, int flags),
       (path, name, value, size, flags))
REFUSE(fsync, "flushes", EINVAL, (int fd), (fd))
