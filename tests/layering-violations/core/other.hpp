// Never compiled: the other half.
#include "core/one.hpp"
