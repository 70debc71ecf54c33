// SPDX-License-Identifier: Apache-2.0
//
// The JSON documents that a store keeps, each read as every kind. What is read and written again
// reads as the same, and reports of it are safe to show.
#include "fuzz/fuzz.hpp"
#include "report/restore_points.hpp"
#include "report/status.hpp"
#include "repository/documents.hpp"
#include "repository/listing.hpp"

namespace {

using namespace ib;

template <class Parse>
void read_as(std::string_view json, const Parse& parse)
{
  const auto document = parse(json, "a document");
  if (!document) return fuzz::require_safe_to_show(document.error());
  const std::string written = serialize(*document);
  const auto again = parse(written, "the same");
  fuzz::require(again.has_value(), "what is written can be read");
  fuzz::require(serialize(*again) == written, "it is written the same way again");
}

void redate(std::string_view json)
{
  const auto now = [](Timestamp time) { return time; };
  const auto redated = redated_document(json, "a document", Timestamp{}, now);
  if (!redated) return fuzz::require_safe_to_show(redated.error());
  const bool was_point = parse_restore_point(json, "a document").has_value();
  fuzz::require(!was_point || parse_restore_point(*redated, "the same").has_value(),
                "what is redated can be read");
}

void show(const RestorePoint& point)
{
  const StatusReport status{.header = {},
                            .now = point.time,
                            .newest = point,
                            .newest_complete = point,
                            .restores = point,
                            .doubts = {},
                            .restore_points = 1,
                            .unfinished_runs = {}};
  fuzz::require_safe_to_show(to_text(status));
  fuzz::require(!to_json(status).empty(), "a status is told");
  const RestorePointsReport points{
      .header = {.problems = point.problems}, .restore_points = {point}, .without_their_dump = {}};
  fuzz::require_safe_to_show(to_text(points));
  fuzz::require(!to_json(points).empty(), "a restore point is told");
  fuzz::require(!metadata_of(point).empty(), "a restore point has metadata");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  const std::string_view json = fuzz::text_of_input(data, size);
  read_as(json, parse_restore_point);
  read_as(json, parse_store_marker);
  read_as(json, parse_vouching);
  read_as(json, parse_run_mark);
  read_as(json, parse_proof);
  redate(json);
  if (const Result<RestorePoint> point = parse_restore_point(json, "a document")) show(*point);
  return 0;
}
