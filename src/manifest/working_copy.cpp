// SPDX-License-Identifier: Apache-2.0
#include "manifest/working_copy.hpp"

#include "manifest/sql.hpp"

namespace ib {

Result<> WorkingCopy::begin_group()
{
  if (!group) group.emplace(TRY(Transaction::begin(db.get(), "manifest")));
  return {};
}

Result<> WorkingCopy::commit()
{
  if (!group) return {};
  TRY(group->commit());
  group.reset();
  return {};
}

Result<> WorkingCopy::remember_change(std::string_view path)
{
  if (!has_plan) return {};
  const auto statement = TRY(use(sql::kAddChange));
  statement->bind(1, path);
  return statement->run();
}

}  // namespace ib
