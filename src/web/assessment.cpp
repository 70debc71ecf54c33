// SPDX-License-Identifier: Apache-2.0
#include "web/assessment.hpp"

#include "base/text.hpp"

#include <algorithm>
#include <ranges>
#include <utility>

namespace ib {
namespace {

constexpr std::chrono::days kDrillIsFresh{35};
// Of an encrypted store: the identity that a drill needs is rather taken from its safe once a year.
constexpr std::chrono::days kDrillOfEncryptedIsFresh{400};
/// The store is asked every ten minutes, and waited for as long. An older answer is none.
constexpr std::chrono::minutes kAnswerIsFresh{30};
const std::string kDrillCommand = "immich-backup verify-restore";

/// When a backup is late: half an interval after the due time that the newest point has not seen.
/// Where another one starts the backups, nobody said when: a night and a half after the newest.
Timestamp late_after(Timestamp newest, const std::optional<Schedule>& backups,
                     const UtcOffset& offset)
{
  if (!backups) return newest + std::chrono::hours(36);
  const Timestamp due = backups->times.next(newest, offset);
  const Timestamp following = backups->times.next(due, offset);
  return due + (following - due) / 2;
}

/// Times in the store are by its clock, and this machine's may be wrong.
Timestamp by_stores_clock(const LastAnswer& answer, Timestamp now)
{
  if (!answer.status || !answer.answered) return now;
  JsonReader status(*answer.status, "status");
  const Json* newest = status.object_within("newest");
  const auto age = answer.status->find("age_s");
  if (newest == nullptr || age == answer.status->end() || !age->is_number_unsigned()) return now;
  const std::optional<Timestamp> time = JsonReader(*newest, "newest").time("time");
  // More than a hundred years are no age.
  constexpr std::uint64_t kMost = 3'200'000'000;
  if (!time || age->get<std::uint64_t>() > kMost) return now;
  return *time + std::chrono::seconds(age->get<std::int64_t>()) + (now - *answer.answered);
}

/// Whether the answer says how things are: by this machine's clock, as it stood then.
bool is_fresh(const LastAnswer& answer, Timestamp now)
{
  return !answer.failure && answer.answered && now - *answer.answered <= kAnswerIsFresh;
}

class Judge {
public:
  Judge(const LastAnswer& answer, const SupervisorState& service, Timestamp now)
      : answer_(answer),
        service_(service),
        is_fresh_(is_fresh(answer, now)),
        now_(by_stores_clock(answer, now))
  {}

  Assessment run(const std::optional<Schedule>& backups, const UtcOffset& offset)
  {
    if (service_.obstacle) {
      add(true, service_.obstacle->message, service_.obstacle->hint);
      return conclude(Colour::red,
                      "Nothing can be backed up or restored: " + service_.obstacle->message + ".");
    }
    if (!answer_.status) return without_answer();
    JsonReader status(*answer_.status, "status");
    look_at_problems("problems");
    const Json* newest = status.object_within("newest");
    if (newest == nullptr) {
      worsen(Colour::red);
      add(true, "There is no restore point yet.", "immich-backup backup");
      return conclude(Colour::red, "Nothing would come back: there is no restore point yet.");
    }
    const std::string sentence = describe_damage(status) + describe_point(status);
    look_at_point(*newest, backups, offset);
    look_at_proof(status);
    look_at_runs();
    for (const std::string& doubt : status.texts("doubts")) {
      worsen(Colour::yellow);
      add(false, "A restore asks first: " + doubt, "immich-backup restore-points");
    }
    if (!is_fresh_) {
      const std::string why = answer_.failure ? answer_.failure->message : "it is being asked";
      add(true, "The store does not answer: " + why, answer_.failure ? answer_.failure->hint : "");
      return conclude(Colour::grey,
                      "The store does not answer. As of " +
                          (answer_.answered ? format_iso(*answer_.answered) : "an unknown time") +
                          ": " + sentence);
    }
    return conclude(colour_, sentence + drill_ + describe_next());
  }

private:
  void worsen(Colour colour)
  {
    if (colour_ != Colour::red) colour_ = colour;
  }

  void add(bool is_problem, std::string text, std::string fix = "")
  {
    assessment_.concerns.push_back(
        {.is_problem = is_problem, .text = std::move(text), .fix = std::move(fix)});
  }

  Assessment conclude(Colour colour, std::string sentence)
  {
    assessment_.colour = colour;
    assessment_.sentence = std::move(sentence);
    std::ranges::stable_partition(assessment_.concerns, &Concern::is_problem);
    return std::move(assessment_);
  }

  Assessment without_answer()
  {
    if (!answer_.failure) return conclude(Colour::grey, "The store is being asked.");
    add(true, answer_.failure->message, answer_.failure->hint);
    return conclude(Colour::grey, "The store has not answered: " + answer_.failure->message + ".");
  }

  /// Those of `status` itself, such as what somebody else has put into the store, or those of the
  /// newest backup.
  void look_at_problems(const char* key)
  {
    const auto problems = answer_.status->find(key);
    if (problems == answer_.status->end() || !problems->is_array()) return;
    for (const Json& each : *problems) {
      if (!each.is_object()) continue;
      JsonReader problem(each, "problem");
      worsen(Colour::yellow);
      add(true, problem.text("message"), problem.text("hint"));
    }
  }

  /// What the record of a restore point says holds only for what is whole in the store.
  std::string describe_damage(JsonReader& status) const
  {
    const std::optional<Timestamp> damage = status.time("damage_found");
    return damage ? "Damage was found on " + format_iso(*damage) + ". But for that: " : "";
  }

  /// The point that a restore takes.
  std::string describe_point(JsonReader& status)
  {
    const std::string restores = status.text("restores");
    const Json* point = nullptr;
    for (const char* key : {"newest", "newest_complete"}) {
      const Json* each = status.object_within(key);
      if (each != nullptr && point == nullptr && JsonReader(*each, key).text("time") == restores)
        point = each;
    }
    if (point == nullptr) return "A restore takes the restore point of " + restores + ".";
    JsonReader reader(*point, "restore point");
    const Json* audit = reader.object_within("audit");
    if (audit == nullptr) {
      const Json* files = reader.object_within("files");
      const std::string count =
          files != nullptr && files->contains("files")
              ? count_of(JsonReader(*files, "").number("files"), "file", "files")
              : "An unknown number of files";
      return count + " would come back, as of " + restores +
             ". They were not compared with Immich's database.";
    }
    JsonReader sums(*audit, "audit");
    const std::uint64_t restored = sums.number("protected");
    const std::uint64_t originals = sums.number("originals");
    if (!sums.has("protected") || !sums.has("originals") || !sums.finish() ||
        restored > originals) {
      worsen(Colour::red);
      add(true, "What a restore of " + restores + " would bring is not known.",
          "immich-backup status");
      return "A restore takes the restore point of " + restores + ".";
    }
    if (restored < originals)
      add(false, count_of(originals - restored, "original", "originals") +
                     " would not come back. `immich-backup status --json` says whether they are "
                     "missing, excluded, away, being deleted, or accepted as lost.");
    return format_count(restored) + " of " + format_count(originals) +
           " originals would come back, as of " + restores + ".";
  }

  void look_at_point(const Json& newest, const std::optional<Schedule>& backups,
                     const UtcOffset& offset)
  {
    JsonReader reader(newest, "restore point");
    const std::optional<Timestamp> time = reader.time("time");
    const std::uint64_t problems = reader.number("problem_count");
    if (reader.text("verdict") != "complete") {
      worsen(Colour::red);
      add(true, "The newest restore point is incomplete" +
                    (problems > 0 ? ", with " + count_of(problems, "problem", "problems") : "") +
                    ".");
    } else if (problems > 0) {
      worsen(Colour::yellow);
      add(true, "The newest backup had " + count_of(problems, "problem", "problems") + ".");
    }
    look_at_problems("newest_problems");
    if (!time) {
      worsen(Colour::red);
      return add(true, "The age of the newest restore point is not known.", "immich-backup status");
    }
    if (now_ <= late_after(*time, backups, offset)) return;
    const bool is_long = now_ - *time > 2 * (late_after(*time, backups, offset) - *time);
    worsen(is_long ? Colour::red : Colour::yellow);
    add(true, "The newest restore point is " + format_duration(now_ - *time) + " old.",
        "immich-backup backup");
  }

  void look_at_proof(JsonReader& status)
  {
    if (const std::optional<Timestamp> damage = status.time("damage_found")) {
      worsen(Colour::red);
      add(true, "Damage was found on " + format_iso(*damage) + ", and is not settled.",
          "`immich-backup verify --all`, and then `immich-backup heal`.");
    } else if (!status.time("last_verified")) {
      add(false, "The store was never compared with the manifest.", "immich-backup verify");
    }
    const std::optional<Timestamp> last = status.time("last_drill");
    const std::optional<Timestamp> proven = status.time("drill_proven");
    if (last && last != proven) {
      worsen(Colour::red);
      add(true, "The drill of " + format_iso(*last) + " did not prove that a restore works.",
          kDrillCommand);
    } else if (!proven) {
      worsen(Colour::yellow);
      add(false, "No drill has proven yet that a restore works.", kDrillCommand);
    } else if (const std::chrono::days fresh =
                   status.flag("encrypted") ? kDrillOfEncryptedIsFresh : kDrillIsFresh;
               now_ - *proven > fresh) {
      worsen(Colour::yellow);
      add(false,
          "The last drill is of " + format_iso(*proven) + ", more than " +
              std::to_string(fresh.count()) + " days ago.",
          kDrillCommand);
    }
    drill_ = !last            ? " No restore has been tried yet."
             : last == proven ? " A restore was tried, and worked, on " + format_iso(*proven) + "."
                              : " A restore was tried on " + format_iso(*last) +
                                    ", which did not prove that it works.";
  }

  /// What never reached the store is known here alone.
  void look_at_runs()
  {
    for (const Job job : kJobs) {
      const auto last = std::ranges::find_if(
          service_.runs.rbegin(), service_.runs.rend(), [&](const RecordedRun& run) {
            return run.job == job && !(service_.running && service_.running->id == run.id);
          });
      if (last == service_.runs.rend() || (last->run.ended && last->run.exit_status == 0)) continue;
      worsen(Colour::yellow);
      add(true,
          "The last " + std::string(command_of(job)) + ", of " + format_iso(last->run.began) +
              ", " +
              (last->run.ended ? "ended with exit status " + std::to_string(last->run.exit_status)
                               : "did not come to its end") +
              ". Its log says why.");
    }
  }

  std::string describe_next() const
  {
    const auto& next = service_.next.at(static_cast<std::size_t>(Job::backup));
    return next ? " Next backup at " + format_iso(next->at) + "." : "";
  }

  const LastAnswer& answer_;
  const SupervisorState& service_;
  const bool is_fresh_;
  const Timestamp now_;  // by the store's clock
  Colour colour_ = Colour::green;
  std::string drill_;
  Assessment assessment_;
};

}  // namespace

std::string_view to_string(Colour colour)
{
  switch (colour) {
    case Colour::green:
      return "green";
    case Colour::yellow:
      return "yellow";
    case Colour::red:
      return "red";
    case Colour::grey:
      return "grey";
  }
  std::unreachable();
}

Assessment judge(const LastAnswer& answer, const SupervisorState& service,
                 const std::optional<Schedule>& backups, const UtcOffset& offset, Timestamp now)
{
  return Judge(answer, service, now).run(backups, offset);
}

}  // namespace ib
