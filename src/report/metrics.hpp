// SPDX-License-Identifier: Apache-2.0
//
// What a run tells Prometheus: numbers in the text format of its exposition
// (https://prometheus.io/docs/instrumenting/exposition_formats/). Listed in docs/being-told.md.
#pragma once

#include "base/time.hpp"
#include "report/backup.hpp"
#include "report/drill.hpp"
#include "report/status.hpp"
#include "report/verify.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace ib {

/// The numbers of one command. Each has the label `command`, so that several commands can share a
/// file.
class Metrics {
public:
  /// `command`: "backup"
  explicit Metrics(std::string_view command) : command_(command) {}

  /// `family` is one that the program knows, without its prefix; the label has a fixed value, such
  /// as kind="new".
  void set(std::string_view family, double value, std::string_view label = {},
           std::string_view of = {});
  void set(std::string_view family, Timestamp time);

  /// As text. What `previous`, an earlier text, holds of other commands stays, and so does what it
  /// holds of this one and this run does not know: the last success is still that after a failure.
  /// Lines of `previous` that are not ours are dropped.
  std::string text(std::string_view previous = {}) const;

private:
  struct Sample {
    std::string_view family;
    std::string line;
  };
  std::string command_;
  std::vector<Sample> samples_;
};

/// How a run ended, whatever it was.
void tell_end(Metrics& metrics, Timestamp now, std::chrono::milliseconds elapsed, int exit_status,
              std::size_t problems);
/// That a backup is sending files: the moment when its bytes were last seen to advance.
void tell_progress(Metrics& metrics, Timestamp now);

void tell(Metrics& metrics, const BackupReport& report, Timestamp now);
void tell(Metrics& metrics, const VerifyReport& report, Timestamp now);
void tell(Metrics& metrics, const DrillReport& report, Timestamp now);
void tell(Metrics& metrics, const StatusReport& report, Timestamp now);
/// Of other reports nothing is told but how they ended.
template <class Report>
void tell(Metrics& /*metrics*/, const Report& /*report*/, Timestamp /*now*/)
{}

}  // namespace ib
