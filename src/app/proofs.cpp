// SPDX-License-Identifier: Apache-2.0
#include "app/proofs.hpp"

#include "core/removable_name.hpp"
#include "store/object_streams.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestProof = std::uint64_t{1024} * 1024;
constexpr std::size_t kProofsLookedAt = 60;
constexpr int kMostSeconds = 60;
constexpr const char* kCommand = "command";  // metadata of a proof: a listing tells what made it

}  // namespace

void store_proof(const Session& session, Proof proof, std::vector<std::string>& notes)
{
  const Result<Timestamp> now = session.store.now();
  if (!now) return;
  proof.time = *now;
  // A name that is taken is another verification's of the same second: both are evidence.
  for (int attempt = 0; attempt < kMostSeconds; ++attempt, proof.time += std::chrono::seconds(1)) {
    const Result<ObjectInfo> put = put_small(session.store, proof_name(proof.time), serialize(proof),
                                             {{kCommand, proof.command}}, "application/json", session.stop);
    if (put || put.error().code == Errc::denied) return;
    if (put.error().code == Errc::precondition_failed) continue;
    notes.push_back("the proof could not be stored: " + put.error().message);
    return;
  }
}

Result<std::optional<Timestamp>> last_listed(const Session& session)
{
  std::optional<Timestamp> last;
  const std::unique_ptr<ObjectCursor> cursor = TRY(session.store.list(std::string(kProofsPrefix), ""));
  while (const std::optional<ObjectInfo> info = TRY(cursor->next())) {
    const auto command = info->metadata.find(kCommand);
    // A drill reads objects, and lists none. Where nothing is said of it, it is an older program's verify.
    if (command != info->metadata.end() && command->second != "verify") continue;
    if (const std::optional<Timestamp> time = proof_time(info->name)) last = time;
  }
  return last;
}

bool settles(const Proof& later, const Proof& earlier)
{
  if (!later.ok) return false;
  const bool read_everything = later.command == "verify" && later.read_back >= later.objects;
  if (read_everything) return true;
  if (earlier.damaged_read_back > 0) return false;  // a listing, or another part, says nothing of it
  return later.drill ? earlier.drill && later.drill->restored : !earlier.drill;
}

Result<std::optional<Verified>> last_verified(const Session& session, std::optional<Timestamp> rebuilt)
{
  std::vector<ObjectName> names;
  const std::unique_ptr<ObjectCursor> cursor = TRY(session.store.list(std::string(kProofsPrefix), ""));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) names.push_back(std::move(info->name));
  std::vector<Proof> later;
  std::optional<Verified> verified;
  for (auto name = names.rbegin(); name != names.rend() && later.size() < kProofsLookedAt; ++name) {
    Proof proof =
        TRY(parse_proof(TRY(get_small(session.store, *name, kLargestProof, session.stop)), name->value));
    if (!verified) verified = Verified{.last = proof.time};
    if (rebuilt && proof.time < *rebuilt) break;
    const bool settled =
        proof.ok || std::ranges::any_of(later, [&](const Proof& each) { return settles(each, proof); });
    if (!settled) {
      verified->damage = proof.time;
      break;
    }
    const bool settles_all = proof.ok && settles(proof, {.damaged_read_back = 1});
    if (settles_all) break;
    later.push_back(std::move(proof));
  }
  return verified;
}

}  // namespace ib
