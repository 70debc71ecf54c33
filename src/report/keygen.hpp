// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/time.hpp"
#include "report/header.hpp"

#include <optional>
#include <string>

namespace ib {

/// An identity of age in a file: what `keygen` wrote, or was to show.
struct KeygenReport {
  ReportHeader header;
  std::string file;
  std::string public_key;
  std::optional<Timestamp> created;  ///< absent if the file was there
  bool has_passphrase = false;       ///< it protects the file
  /// With --paper: the secret key, and when it is printed. Otherwise absent.
  struct Paper {
    std::string secret_key;
    Timestamp printed;
  };
  std::optional<Paper> paper = std::nullopt;
};

Outcome outcome_of(const KeygenReport& report);
/// Lines that end in a newline. Nothing secret, except with `paper`: then it is a page to print.
std::string to_text(const KeygenReport& report);
/// One JSON object on one line, with a newline (docs/formats/report-json.md). Nothing secret.
std::string to_json(const KeygenReport& report);

}  // namespace ib
