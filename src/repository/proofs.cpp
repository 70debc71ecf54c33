// SPDX-License-Identifier: Apache-2.0
#include "repository/proofs.hpp"

#include "base/text.hpp"
#include "core/names/removable_name.hpp"
#include "repository/listing.hpp"
#include "repository/signed_store.hpp"
#include "store/object_store.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <ranges>
#include <utility>

namespace ib {
namespace {

constexpr std::uint64_t kLargestProof = std::uint64_t{1024} * 1024;
constexpr std::size_t kProofsLookedAt = 60;
constexpr int kMostSeconds = 60;
// Metadata of a proof, so that a listing tells what made it, and which part of the files of which
// restore point it found whole.
constexpr const char* kCommand = "command";
constexpr const char* kPart = "proven-part";
constexpr const char* kRestorePoint = "restore-point";
constexpr const char* kVerdict = "verdict";

/// Those that, as far as their metadata tells, proved something or found damage; oldest first.
Result<std::vector<ObjectName>> telling_proofs(const RepositoryContext& repository)
{
  std::vector<ObjectName> names;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(kProofsPrefix), "", repository.stop));
  while (std::optional<ObjectInfo> info = TRY(cursor->next())) {
    const auto verdict = info->metadata.find(kVerdict);
    const std::string_view said =
        verdict == info->metadata.end() ? "" : std::string_view(verdict->second);
    // By a clock that was ahead: what it found whole must not end the alarm of a later one.
    const std::optional<Timestamp> time = proof_time(info->name);
    const bool is_no_answer = time && said != word_for(Proof::Verdict::damaged) &&
                              is_dated_ahead(*time, TRY(repository.store.now(repository.stop)));
    const bool says_nothing = said == word_for(Proof::Verdict::not_proven) || is_no_answer;
    if (!says_nothing) names.push_back(std::move(info->name));
  }
  return names;
}

Result<Proof> read_proof(const RepositoryContext& repository, const ObjectName& name)
{
  return parse_proof(TRY(get_small(repository.store, name, kLargestProof, repository.stop)),
                     name.value);
}

/// "3/52": the part, from 0, and how many there are.
std::string part_text(const Shard& part)
{
  return std::to_string(part.part) + "/" + std::to_string(part.parts);
}

std::optional<Shard> parse_part(std::string_view text)
{
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> part = parse_number<std::uint64_t>(text.substr(0, slash));
  const std::optional<std::uint64_t> parts = parse_number<std::uint64_t>(text.substr(slash + 1));
  if (!part || !parts || *part >= *parts) return std::nullopt;
  return Shard{.parts = *parts, .part = *part};
}

}  // namespace

void store_proof(const RepositoryContext& repository, Proof proof, std::vector<std::string>& notes)
{
  if (!repository.leaves_proofs) {
    notes.emplace_back("no proof was stored: with --unsigned nothing is proven to others");
    return;
  }
  if (repository.signatures != nullptr && repository.signatures->keys().own == nullptr) {
    notes.emplace_back(
        "no proof was stored: this machine has no machine key, and a proof that nobody has signed "
        "counts for nobody");
    return;
  }
  const Result<Timestamp> now = repository.store.now(repository.stop);
  if (!now) return;
  proof.time = *now;
  Metadata metadata{{kCommand, proof.command}, {kVerdict, std::string(word_for(proof.verdict))}};
  if (proof.proven && proof.restore_point) {
    metadata.emplace(kPart, part_text(*proof.proven));
    metadata.emplace(kRestorePoint, format_iso(*proof.restore_point));
  }
  // A name that is taken is another verification's of the same second: both are evidence.
  for (int attempt = 0; attempt < kMostSeconds; ++attempt, proof.time += std::chrono::seconds(1)) {
    const Result<ObjectInfo> put =
        put_small(repository.store, proof_name(proof.time), serialize(proof), metadata,
                  "application/json", repository.stop);
    if (put || put.error().code == Errc::denied) return;
    if (put.error().code == Errc::precondition_failed) continue;
    notes.push_back("the proof could not be stored: " + put.error().message);
    return;
  }
}

Result<ProofHistory> proof_history(const RepositoryContext& repository)
{
  ProofHistory history;
  std::vector<ProvenPart> parts;
  const std::unique_ptr<ObjectCursor> cursor =
      TRY(repository.store.list(std::string(kProofsPrefix), "", repository.stop));
  while (const std::optional<ObjectInfo> info = TRY(cursor->next())) {
    const std::optional<Timestamp> time = proof_time(info->name);
    if (!time || is_dated_ahead(*time, TRY(repository.store.now(repository.stop)))) continue;
    // A drill reads objects, and lists none; of what does not say what it was, nothing is claimed.
    const auto command = info->metadata.find(kCommand);
    if (command != info->metadata.end() && command->second == "verify") history.listed = *time;
    if (command != info->metadata.end() && command->second == "verify-restore") {
      history.drilled = *time;
      const auto verdict = info->metadata.find(kVerdict);
      if (verdict != info->metadata.end() && verdict->second == word_for(Proof::Verdict::proven))
        history.drill_proven = *time;
    }
    const auto part = info->metadata.find(kPart);
    const auto point = info->metadata.find(kRestorePoint);
    if (part == info->metadata.end() || point == info->metadata.end()) continue;
    const std::optional<Shard> proven = parse_part(part->second);
    const Result<Timestamp> of = parse_timestamp(point->second);
    if (proven && of) parts.push_back({*of, *proven});
  }
  history.proven_since = proven_since(parts);
  return history;
}

std::optional<Timestamp> proven_since(std::span<const ProvenPart> parts)
{
  std::map<std::uint64_t, std::map<std::uint64_t, Timestamp>>
      divisions;  // the newest proof of each part
  for (const ProvenPart& proven : parts) {
    Timestamp& newest = divisions[proven.part.parts].try_emplace(proven.part.part).first->second;
    newest = std::max(newest, proven.time);
  }
  std::optional<Timestamp> everything;
  if (const auto whole = divisions.find(1); whole != divisions.end())
    everything = whole->second.begin()->second;
  std::optional<Timestamp> since = everything;
  for (const auto& [count, proofs] : divisions) {
    if (proofs.size() < count && !everything) continue;
    // A part without a proof of its own was last read with everything.
    Timestamp oldest = proofs.size() < count ? *everything : Timestamp::max();
    for (const auto& [part, time] : proofs)
      oldest = std::min(oldest, std::max(time, everything.value_or(time)));
    since = std::max(since, std::optional(oldest));
  }
  return since;
}

Result<std::optional<Timestamp>> last_verified_point(const RepositoryContext& repository)
{
  std::size_t looked_at = 0;
  for (const ObjectName& name : TRY(telling_proofs(repository)) | std::views::reverse) {
    if (looked_at++ == kProofsLookedAt) break;
    const Proof proof = TRY(read_proof(repository, name));
    if (proof.verdict != Proof::Verdict::not_proven && proof.restore_point)
      return proof.restore_point;
  }
  return std::nullopt;
}

bool settles(const Proof& later, const Proof& earlier)
{
  if (later.verdict != Proof::Verdict::proven) return false;
  const bool read_everything = later.command == "verify" && later.read_back >= later.objects;
  if (read_everything) return true;
  if (earlier.damaged_read_back > 0)
    return false;  // a listing, or another part, says nothing of it
  return later.drill ? earlier.drill && later.drill->restored : !earlier.drill;
}

Result<std::optional<Verified>> last_verified(const RepositoryContext& repository,
                                              std::optional<Timestamp> rebuilt)
{
  const std::vector<ObjectName> names = TRY(telling_proofs(repository));
  std::vector<Proof> later;
  std::optional<Verified> verified;
  for (auto name = names.rbegin(); name != names.rend() && later.size() < kProofsLookedAt; ++name) {
    Proof proof = TRY(read_proof(repository, *name));
    if (proof.verdict == Proof::Verdict::not_proven)
      continue;  // neither an alarm nor the end of one
    if (!verified) verified = Verified{.last = proof.time};
    if (rebuilt && proof.time < *rebuilt) break;
    const bool settled =
        proof.verdict == Proof::Verdict::proven ||
        std::ranges::any_of(later, [&](const Proof& each) { return settles(each, proof); });
    if (!settled) {
      verified->damage = proof.time;
      break;
    }
    const bool settles_all = settles(proof, {.damaged_read_back = 1});
    if (settles_all) break;
    later.push_back(std::move(proof));
  }
  return verified;
}

}  // namespace ib
