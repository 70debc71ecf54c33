// SPDX-License-Identifier: Apache-2.0
#include "store/dir/file_metadata.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace ib {
namespace {

constexpr std::string_view kAttribute = "immich-backup";

}  // namespace

std::string to_attribute(const Metadata& metadata)
{
  std::string text;
  for (const auto& [key, value] : metadata) text += key + "=" + escape_bytes(value) + "\n";
  return text;
}

Metadata parse_attribute(std::string_view text)
{
  Metadata metadata;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    const std::size_t equals = line.find('=');
    if (equals != std::string_view::npos) {
      metadata[std::string(line.substr(0, equals))] = unescape_bytes(line.substr(equals + 1));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return metadata;
}

Metadata metadata_of(const InputFile& file)
{
  return parse_attribute(file.attribute(kAttribute).value_or(""));
}

void keep_metadata(PendingFile& file, const Metadata& metadata)
{
  static_cast<void>(file.set_attribute(kAttribute, to_attribute(metadata)));  // best effort
}

}  // namespace ib
