// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/records/store_marker.hpp"
#include "report/header.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace ib {

/// What `init` did.
struct InitReport {
  enum class Did : std::uint8_t {
    began,        ///< a new store
    marked,       ///< a store of before there were markers, or one that lost its own
    nothing,      ///< the store was there, and is this Immich's
    adopted,      ///< the store of another Immich is this one's now
    keyed,        ///< its marker names this machine's key now
    readdressed,  ///< what is stored from now on is encrypted to others
  };
  ReportHeader header;
  Did did = Did::began;
  StoreMarker marker;
  std::string database;  ///< "postgresql://USER@HOST/NAME"; empty where none was asked
  std::string key_file;  ///< the machine key's; empty where nothing is signed
  std::string public_key;
  bool key_is_new = false;
  bool in_bucket = false;
  std::vector<std::string> recipients = {};  ///< of an encrypted store
  bool is_proven = false;                    ///< an identity has opened what is encrypted to them
  std::vector<std::string> signed_objects;   ///< that nobody had signed, in the order of names
};

Outcome outcome_of(const InitReport& report);
/// Lines that end in a newline.
std::string to_text(const InitReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md).
std::string to_json(const InitReport& report);

}  // namespace ib
