// SPDX-License-Identifier: Apache-2.0
#include "sys/file_content.hpp"

#include "sys/hash.hpp"

#include <vector>

namespace ib {

Result<Content> read_content(InputFile file, const std::stop_token& stop)
{
  file.will_read_sequentially();
  ContentHasher hasher;
  std::vector<std::byte> buffer(std::size_t{256} * 1024);
  for (;;) {
    if (stop.stop_requested()) return fail(Errc::cancelled, "interrupted");
    const std::size_t n = TRY(file.read(buffer));
    if (n == 0) return hasher.finish();
    hasher.update(ByteView(buffer).first(n));
  }
}

}  // namespace ib
