// Never compiled: one half of an include cycle.
#include "core/other.hpp"
