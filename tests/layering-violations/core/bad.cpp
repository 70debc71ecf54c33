// Never compiled: the test `layering-refuses-a-violation` must find four violations here, a cycle
// beside it, and that nothing uses what `core` may include.
#include "store/object_store.hpp"

#include <sqlite3.h>
#include <utf8proc.h>  // which `core` owns
#include <thread>

const auto kNow = std::chrono::system_clock::now();
