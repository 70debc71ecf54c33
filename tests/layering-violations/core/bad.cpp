// Never compiled: the test `layering-refuses-a-violation` must find four violations here, and a
// cycle beside it.
#include "store/object_store.hpp"

#include <sqlite3.h>
#include <thread>

const auto kNow = std::chrono::system_clock::now();
