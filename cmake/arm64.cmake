# For arm64 on another machine, with Debian's cross compiler and its arm64 libraries beside the machine's own
# (scripts/packages build arm64). The presets release-arm64 and test-arm64 use it.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)

# CMake looks into /usr/lib/aarch64-linux-gnu by itself, and into none of the machine's own architecture.
set(ENV{PKG_CONFIG_LIBDIR} /usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig)
list(APPEND CMAKE_SYSTEM_IGNORE_PATH /usr/local/lib /usr/local/include)
# Debian installs libpq-dev, which has libpq.so, of one architecture at a time. Its headers are the same.
set(PostgreSQL_LIBRARY /usr/lib/aarch64-linux-gnu/libpq.so.5 CACHE FILEPATH "libpq")

set(CPACK_DEBIAN_PACKAGE_ARCHITECTURE arm64)
