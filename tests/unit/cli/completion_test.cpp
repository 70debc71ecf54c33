// SPDX-License-Identifier: Apache-2.0
#include "cli/completion.hpp"

#include "cli/commands/all.hpp"
#include "cli/help.hpp"
#include "support/matchers.hpp"
#include "sys/file.hpp"
#include "sys/subprocess.hpp"

#include <fstream>

namespace ib::test {
namespace {

class BashCompletion : public testing::Test {
protected:
  void SetUp() override { std::ofstream(script_) << *completion_script("bash"); }

  /// What bash offers for the last of these words.
  std::vector<std::string> offers(const std::vector<std::string>& words) const
  {
    std::vector<std::string> argv{"bash",
                                  "-c",
                                  "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - "
                                  "1)); _immich_backup; printf '%s\\n' \"${COMPREPLY[@]}\"",
                                  "bash",
                                  script_,
                                  "immich-backup"};
    argv.insert(argv.end(), words.begin(), words.end());
    const Result<std::string> out = run_and_capture({.argv = argv}, {});
    EXPECT_TRUE(out) << out.error().message;
    std::vector<std::string> lines;
    std::istringstream stream(out ? *out : "");
    for (std::string line; std::getline(stream, line);) {
      if (!line.empty()) lines.push_back(line);
    }
    return lines;
  }

  ScratchFolder scratch_ = *ScratchFolder::create("");
  std::string script_ = scratch_.file("completion.bash");
};

TEST_F(BashCompletion, IsAValidScript)
{
  const Result<std::string> checked = run_and_capture({.argv = {"bash", "-n", script_}}, {});
  EXPECT_TRUE(checked) << checked.error().message;
}

TEST_F(BashCompletion, CompletesCommands)
{
  EXPECT_THAT(offers({"restore-p"}), ElementsAre("restore-points"));
  EXPECT_THAT(offers({""}), IsSupersetOf({"backup", "restore-database", "ls"}));
}

TEST_F(BashCompletion, CompletesTheOptionsOfACommand)
{
  EXPECT_THAT(offers({"backup", "--no-d"}), ElementsAre("--no-database"));
  EXPECT_THAT(offers({"--store", "file:///b", "verify", "--al"}), ElementsAre("--all"));
  EXPECT_THAT(offers({"verify", "--no-d"}), ElementsAre());
  EXPECT_THAT(offers({"snapshots", "--jso"}), ElementsAre("--json")) << "an alias";
  EXPECT_THAT(offers({"backup", "--db-passw"}), ElementsAre("--db-password-file"));
}

TEST_F(BashCompletion, CompletesValues)
{
  EXPECT_THAT(offers({"restore", "--overwrite", ""}),
              ElementsAre("never", "if-different", "always"));
  EXPECT_THAT(offers({"restore", "--overwrite", "=", "al"}), ElementsAre("always"));
  EXPECT_THAT(offers({"completion", "z"}), ElementsAre("zsh"));
  std::ofstream(scratch_.file("my config.toml")) << "";
  EXPECT_THAT(offers({"backup", "--config", scratch_.file("my")}),
              ElementsAre(scratch_.file("my config.toml")));
  EXPECT_THAT(offers({"restore", "--target", scratch_.file("my")}), ElementsAre())
      << "folders only";
}

TEST(Completion, KnowsThreeShells)
{
  for (const char* shell : {"bash", "zsh", "fish"}) {
    const Result<std::string> script = completion_script(shell);
    ASSERT_TRUE(script) << shell;
    for (const Command& command : all_commands())
      EXPECT_THAT(*script, HasSubstr(std::string(command.name)));
    EXPECT_THAT(*script, AllOf(HasSubstr("ignore-manifest"), Not(HasSubstr("db-password "))));
  }
  EXPECT_EQ(completion_script("tcsh").error().code, Errc::invalid);
  EXPECT_EQ(completion_script("").error().code, Errc::invalid);
}

TEST(Completion, IsTakenByTheOtherShellsWhereTheyAreInstalled)
{
  const ScratchFolder scratch = *ScratchFolder::create("");
  for (const char* shell : {"zsh", "fish"}) {
    std::ofstream(scratch.file(shell)) << *completion_script(shell);
    const Result<std::string> checked =
        run_and_capture({.argv = {shell, "-n", scratch.file(shell)}}, {});
    const bool absent = !checked && checked.error().code == Errc::not_found;
    EXPECT_TRUE(checked || absent) << checked.error().message;
  }
}

TEST(Help, TeachesEveryCommand)
{
  for (const Command& command : all_commands()) {
    EXPECT_THAT(help_text(), HasSubstr("  " + std::string(command.name) + " "));
    const std::string text = help_text(command);
    EXPECT_THAT(text, HasSubstr("immich-backup " + std::string(command.name)));
    for (const Option& option : all_options()) {
      const bool listed =
          text.contains("  --" + std::string(option.name) +
                        (option.is_flag() ? " " : " " + std::string(option.metavar)));
      EXPECT_EQ(listed, command.find_option(option.name) != nullptr && !option.secret)
          << command.name << " " << option.name;
    }
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_LE(line.size(), 100U) << line;
      EXPECT_FALSE(line.ends_with(' ')) << line;
    }
  }
  const std::string text = help_text(*find_command("backup"));
  for (const char* word : {"LIBRARY_PATH", "DB_PASSWORD", "Examples", "Exit status",
                           "3    incomplete", "130  interrupted"})
    EXPECT_THAT(text, HasSubstr(word));
}

TEST(Help, ListsFirstWhatMostPeopleNeed)
{
  const std::string all = help_text();
  EXPECT_LT(all.find("  restore-database "), all.find("  ls "));
  EXPECT_LT(all.find("  ls "), all.find("  prune "));
  const std::string text = help_text(*find_command("backup"));
  std::size_t before = 0;
  for (const char* word :
       {"\nOptions\n", "  --library ", "\nDatabase\n", "  --db-host ", "\nBucket\n",
        "  --storage-class ", "\nTuning\n", "  --workers ", "\nNotices\n", "  --ping "}) {
    const std::size_t at = text.find(word);
    ASSERT_NE(at, std::string::npos) << word;
    EXPECT_GT(at, before) << word;
    before = at;
  }
}

TEST(Help, NamesAliases)
{
  EXPECT_THAT(help_text(*find_command("restore-points")), HasSubstr("Also called snapshots."));
}

}  // namespace
}  // namespace ib::test
