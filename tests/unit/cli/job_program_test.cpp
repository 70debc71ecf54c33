// SPDX-License-Identifier: Apache-2.0
#include "cli/job_program.hpp"

#include "cli/commands/all.hpp"
#include "support/matchers.hpp"

#include <map>

namespace ib::test {
namespace {

const Variables kVariables{{"PATH", "/bin"},
                           {"DB_PASSWORD", "of Immich"},
                           {"IMMICH_BACKUP_DB_URL", "postgres://x"},
                           {"DRILL_DB_PASSWORD", "of the drill"},
                           {"GCS_CREDENTIALS", "of the backup"},
                           {"GOOGLE_APPLICATION_CREDENTIALS", "/backup.json"},
                           {"IMMICH_BACKUP_READER_CREDENTIALS", "/reader.json"},
                           {"IMMICH_BACKUP_KEEP_LAST", "30"},
                           {"IMMICH_BACKUP_QUIET", "true"}};
const JobCredentials kEach{.reader = "/reader.json", .pruner = "/pruner.json"};

CommandLine line(std::map<std::string, std::vector<std::string>> options)
{
  CommandLine line{.command = find_command("serve")};
  for (auto& [name, values] : options) line.options[name] = values;
  return line;
}

Program program(Job job, const JobCredentials& credentials, const CommandLine& given = line({}))
{
  return program_of(job, given, {{.name = "reader-credentials", .metavar = "FILE"}}, credentials,
                    kVariables);
}

std::map<std::string, std::string> variables_of(const Program& program)
{
  std::map<std::string, std::string> variables;
  for (const auto& [name, value] : program.environment)
    EXPECT_TRUE(variables.emplace(name, value).second) << name << " twice";
  return variables;
}

TEST(JobPrograms, GetTheirOwnCredentialAlone)
{
  const auto backup = variables_of(program(Job::backup, kEach));
  EXPECT_EQ(backup.at("GCS_CREDENTIALS"), "of the backup");
  EXPECT_EQ(backup.at("GOOGLE_APPLICATION_CREDENTIALS"), "/backup.json");
  for (const Job job : {Job::verify, Job::drill, Job::prune}) {
    const auto variables = variables_of(program(job, kEach));
    EXPECT_FALSE(variables.contains("GCS_CREDENTIALS"));
    EXPECT_EQ(variables.at("GOOGLE_APPLICATION_CREDENTIALS"),
              job == Job::prune ? "/pruner.json" : "/reader.json");
  }
  for (const Job job : kJobs) {
    const auto variables = variables_of(program(job, {}));
    EXPECT_EQ(variables.at("GCS_CREDENTIALS"), "of the backup");
    EXPECT_FALSE(variables.contains("IMMICH_BACKUP_READER_CREDENTIALS"));
    EXPECT_EQ(variables.contains("IMMICH_BACKUP_YES"), job == Job::prune);
  }
}

TEST(JobPrograms, KnowTheDatabaseThatTheyNeed)
{
  for (const Job job : kJobs) {
    const auto variables = variables_of(program(job, kEach));
    EXPECT_EQ(variables.contains("DB_PASSWORD"), job == Job::backup);
    EXPECT_EQ(variables.contains("IMMICH_BACKUP_DB_URL"), job == Job::backup);
    EXPECT_EQ(variables.contains("DRILL_DB_PASSWORD"), job == Job::drill);
  }
}

TEST(JobPrograms, TakeOfTheCommandLineWhatTheyKnow)
{
  const CommandLine given = line({{"store", {"file:///store"}},
                                  {"library", {"/photos"}},
                                  {"schedule", {"@daily"}},
                                  {"quiet", {"true"}},
                                  {"log-format", {"json"}},
                                  {"ignore-manifest", {"a", "b"}}});
  const auto arguments = [&](Job job) {
    std::vector<std::string> argv = program(job, {}, given).argv;
    argv.erase(argv.begin());
    return argv;
  };
  EXPECT_THAT(arguments(Job::backup),
              ElementsAre("backup", "--ignore-manifest=a", "--ignore-manifest=b",
                          "--library=/photos", "--store=file:///store"));
  EXPECT_THAT(arguments(Job::drill), ElementsAre("verify-restore", "--ignore-manifest=a",
                                                 "--ignore-manifest=b", "--store=file:///store"));
}

TEST(JobPrograms, LogAsTheirParentReads)
{
  const auto variables = variables_of(program(Job::backup, {}));
  EXPECT_EQ(variables.at("IMMICH_BACKUP_QUIET"), "false");
  EXPECT_EQ(variables.at("IMMICH_BACKUP_LOG_FORMAT"), "json");
  EXPECT_EQ(variables.at("IMMICH_BACKUP_LOG_INTERVAL"), "1s");
}

TEST(JobPrograms, ThatShowTheSettingsKnowThoseOfTheirParent)
{
  const CommandLine given = line({{"store", {"file:///store"}}, {"env", {"X=1"}}});
  const auto variables = [&] {
    return variables_of(program_to_look({"config", "show"}, given,
                                        {{.name = "reader-credentials", .metavar = "FILE"}}, kEach,
                                        kVariables));
  }();
  EXPECT_EQ(variables.at("IMMICH_BACKUP_STORE"), "file:///store");
  EXPECT_EQ(variables.at("IMMICH_BACKUP_READER_CREDENTIALS"), "/reader.json");
  EXPECT_EQ(variables.at("IMMICH_BACKUP_QUIET"), "true");
}

TEST(JobPrograms, ThatOnlyLookDoItAsTheReader)
{
  const auto look = [](const std::vector<std::string>& arguments) {
    return variables_of(program_to_look(arguments, line({}), {}, kEach, kVariables));
  };
  const auto status = look({"status", "--json"});
  EXPECT_EQ(status.at("GOOGLE_APPLICATION_CREDENTIALS"), "/reader.json");
  EXPECT_FALSE(status.contains("GCS_CREDENTIALS"));
  EXPECT_FALSE(status.contains("DB_PASSWORD"));
  const auto doctor = look({"doctor", "--json"});
  EXPECT_EQ(doctor.at("GCS_CREDENTIALS"), "of the backup");
  EXPECT_EQ(doctor.at("DB_PASSWORD"), "of Immich");
}

}  // namespace
}  // namespace ib::test
