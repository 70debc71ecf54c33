// SPDX-License-Identifier: Apache-2.0
#include "report/ls.hpp"

#include "report/listing.hpp"
#include "report/listing_json.hpp"

namespace ib {

std::string ls_line(const FileRecord& record)
{
  return size_time_path(record) + (record.archived ? "  (gone)" : "") + "\n";
}

std::string ls_json(const FileRecord& record)
{
  Json json = path_object(record.path);
  add_record(json, record);
  return json_text(json);
}

}  // namespace ib
