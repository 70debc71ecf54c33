// SPDX-License-Identifier: Apache-2.0
#include "app/proofs.hpp"

#include "store/object_streams.hpp"

#include <memory>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestProof = std::uint64_t{1024} * 1024;

}  // namespace

void store_proof(const Session& session, Proof proof, std::vector<std::string>& notes)
{
  const Result<Timestamp> now = session.store.now();
  if (!now) return;
  proof.time = *now;
  const Result<ObjectInfo> put = put_small(session.store, proof_name(proof.time), serialize(proof), {},
                                           "application/json", session.stop);
  if (!put && put.error().code != Errc::precondition_failed && put.error().code != Errc::denied)
    notes.push_back("the proof could not be stored: " + put.error().message);
}

Result<std::optional<Proof>> newest_proof(const Session& session)
{
  std::optional<ObjectName> newest;
  const std::unique_ptr<ObjectCursor> cursor = TRY(session.store.list(std::string(kProofsPrefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) newest = info->name;
  if (!newest) return std::nullopt;
  return TRY(parse_proof(TRY(get_small(session.store, *newest, kLargestProof, session.stop)), newest->value));
}

}  // namespace ib
