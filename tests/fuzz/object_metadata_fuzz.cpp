// SPDX-License-Identifier: Apache-2.0
//
// What an object says of itself: a folder store's attribute, and the facts that are read out of
// names and metadata. The first line is the name.
#include "base/text.hpp"
#include "fuzz/fuzz.hpp"
#include "repository/object_metadata.hpp"
#include "store/dir/file_metadata.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  fuzz::Input input(data, size);
  ObjectInfo object{.name = {std::string(input.until('\n'))}};
  object.metadata = parse_attribute(input.rest());
  fuzz::require(parse_attribute(to_attribute(object.metadata)) == object.metadata,
                "an attribute is written as it was read");

  const std::optional<std::string> path = path_of(object);
  fuzz::require(!path || unescape_bytes(escape_bytes(*path)) == *path, "a path can be escaped");
  const std::optional<Sha256> sha256 = sha256_of(object);
  fuzz::require(!sha256 || Sha256::parse(sha256->hex()) == *sha256, "a digest is hexadecimal");
  static_cast<void>(sha1_of(object));
  // The same time has several texts: a lower-case z, a blank for the T.
  if (const std::optional<std::int64_t> mtime = mtime_of(object)) {
    object.metadata["mtime"] = format_iso_ns(*mtime);
    fuzz::require(mtime_of(object) == mtime, "a time is written as it was read");
  }
  return 0;
}
