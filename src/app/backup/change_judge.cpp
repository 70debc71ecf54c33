// SPDX-License-Identifier: Apache-2.0
#include "app/backup/change_judge.hpp"

#include "core/planning/plan.hpp"
#include "immich/database.hpp"

namespace ib {

Change ChangeJudge::judge(const FileToRead& item, const Content& read)
{
  if (accepts_edit(job_, item.file.path, read.sha256)) return Change::edited;
  const Change change =
      judge_change(item.reason, item.known->content, read, recorded(item.file.path));
  return change == Change::unexplained && job_.accept_changes ? Change::edited : change;
}

std::optional<Sha1> ChangeJudge::recorded(const std::string& path)
{
  if (!std::exchange(asked_, true) && job_.database) {
    Result<Connection> opened = Connection::open(job_.database->address, session_.stop);
    if (opened) database_.emplace(std::move(*opened));
  }
  if (!database_) return std::nullopt;
  const Result<std::optional<Sha1>> checksum =
      read_recorded_checksum(*database_, path, names_of_library(job_));
  return checksum ? *checksum : std::nullopt;
}

}  // namespace ib
