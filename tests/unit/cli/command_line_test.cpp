// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include "cli/commands/all.hpp"
#include "support/matchers.hpp"

namespace ib::test {
namespace {

using Words = std::vector<std::string>;

Result<CommandLine> parse(const Words& words)
{
  return parse_command_line("/usr/bin/immich-backup", words);
}

CommandLine parsed(const Words& words)
{
  Result<CommandLine> line = parse(words);
  EXPECT_TRUE(line) << line.error().message;
  return line ? *line : CommandLine{};
}

Error refused(const Words& words)
{
  const Result<CommandLine> line = parse(words);
  EXPECT_FALSE(line) << testing::PrintToString(words);
  return line ? Error{} : line.error();
}

TEST(CommandLine, ReadsOptionsOfEveryForm)
{
  const CommandLine line = parsed({"backup", "--store", "file:///b", "--library=/photos=1",
                                   "--dry-run", "--exclude", "*.mov", "--exclude=-x", "--json"});
  EXPECT_EQ(line.command, find_command("backup"));
  EXPECT_THAT(line.options.at("store"), ElementsAre("file:///b"));
  EXPECT_THAT(line.options.at("library"), ElementsAre("/photos=1"));
  EXPECT_THAT(line.options.at("exclude"), ElementsAre("*.mov", "-x"));
  EXPECT_THAT(line.options.at("dry-run"), ElementsAre("true"));
  EXPECT_FALSE(line.options.contains("include"));
}

TEST(CommandLine, TakesForAValueWhatFollows)
{
  struct Case {
    Words words;
    std::string value;
  };
  const std::vector<Case> cases{
      {{"restore", "--target", "/a"}, "/a"},  {{"restore", "--target=/a"}, "/a"},
      {{"restore", "--target", "-a"}, "-a"},  {{"restore", "--target=--a"}, "--a"},
      {{"restore", "--target=a=b="}, "a=b="}, {{"restore", "--target", "a="}, "a="},
      {{"restore", "--target", "ls"}, "ls"},  {{"--target", "ls", "restore"}, "ls"},
      {{"restore", "--target", ""}, ""},      {{"restore", "--target", "-"}, "-"},
      {{"restore", "--target", "-h"}, "-h"},  {{"restore", "--target=--help"}, "--help"},
  };
  for (const Case& c : cases) {
    const CommandLine line = parsed(c.words);
    EXPECT_EQ(line.command, find_command("restore")) << testing::PrintToString(c.words);
    EXPECT_THAT(line.options.at("target"), ElementsAre(c.value)) << testing::PrintToString(c.words);
    EXPECT_THAT(line.arguments, ElementsAre());
    EXPECT_FALSE(line.help);
  }
}

TEST(CommandLine, TakesAnAliasForItsCommand)
{
  EXPECT_EQ(parsed({"snapshots"}).command, find_command("restore-points"));
  EXPECT_EQ(parsed({"help", "snapshots"}).command, find_command("restore-points"));
}

TEST(CommandLine, TakesAFlagThatIsSaidTwice)
{
  EXPECT_THAT(parsed({"ls", "--json", "--json"}).options.at("json"), ElementsAre("true"));
}

TEST(CommandLine, TakesOptionsBeforeTheCommand)
{
  const CommandLine line = parsed({"--store", "file:///b", "--quiet", "verify", "--all"});
  EXPECT_EQ(line.command, find_command("verify"));
  EXPECT_THAT(line.options.at("store"), ElementsAre("file:///b"));
  EXPECT_TRUE(line.options.contains("all"));
}

TEST(CommandLine, TakesPatternsAsTheyAre)
{
  EXPECT_THAT(parsed({"ls", "status", "[ab]", "a b", "/x"}).arguments,
              ElementsAre("status", "[ab]", "a b", "/x"));
  EXPECT_THAT(parsed({"restore", "--target", "/t", "a", "--json", "b"}).arguments,
              ElementsAre("a", "b"));
  EXPECT_THAT(parsed({"ls", "--json", "--", "--all", "--", "-x"}).arguments,
              ElementsAre("--all", "--", "-x"));
  EXPECT_THAT(parsed({"ls", "-"}).arguments, ElementsAre("-"));
  EXPECT_THAT(parsed({"backup", "--exclude", "[a,b]", "--exclude", "%%"}).options.at("exclude"),
              ElementsAre("[a,b]", "%%"));
}

TEST(CommandLine, IsTheCommandThatTheProgramIsNamedAfter)
{
  for (const char* name : {"backup", "/app/backup.py", "./backup"}) {
    const Result<CommandLine> line = parse_command_line(name, {"--dry-run"});
    ASSERT_TRUE(line) << name;
    EXPECT_EQ(line->command, find_command("backup"));
  }
  EXPECT_FALSE(parse_command_line("/app/backup.py", {"status"})) << "a name takes no command";
  EXPECT_EQ(parse_command_line("/app/verify-restore.py", {"--sample", "9"})->command,
            find_command("verify-restore"));
  EXPECT_EQ(parse_command_line("/backup/immich-backup", {"status"})->command,
            find_command("status"));
}

TEST(CommandLine, AnswersQuestionsBeforeItJudgesTheRest)
{
  EXPECT_TRUE(parsed({"--help"}).help);
  EXPECT_TRUE(parsed({"backup", "--nonsense", "-h"}).help);
  EXPECT_EQ(parsed({"help", "backup"}).command, find_command("backup"));
  EXPECT_TRUE(parsed({"help", "backup"}).help);
  EXPECT_TRUE(parsed({"--version"}).version);
  EXPECT_FALSE(parsed({"ls", "--", "--help"}).help);
  EXPECT_FALSE(parsed({}).command);
}

TEST(CommandLine, SaysWhatWasProbablyMeant)
{
  struct Case {
    Words words;
    const char* message;
    const char* hint;
  };
  const std::vector<Case> cases{
      {{"bakcup"}, "there is no command 'bakcup'", "Did you mean backup?"},
      {{"stat"}, "there is no command 'stat'", "Did you mean status?"},
      {{"snapshot"}, "there is no command 'snapshot'", "Did you mean snapshots?"},
      {{"zzzzzz"}, "there is no command 'zzzzzz'", "`immich-backup --help`"},
      {{"back\nup"}, "there is no command 'back\\nup'", "Did you mean backup?"},
      {{"backup", "--stroe", "x"}, "there is no option --stroe", "Did you mean --store?"},
      {{"backup", "--libary=/x"}, "there is no option --libary", "Did you mean --library?"},
      {{"backup", "-n"}, "there is no option -n", "`immich-backup backup --help`"},
      {{"backup", "-store"}, "there is no option -store", "Did you mean --store?"},
      {{"ls", "-x.jpg"}, "there is no option -x.jpg", "after --"},
      {{"verify", "--dry-run"},
       "--dry-run: verify takes no such option",
       "`immich-backup verify --help`"},
      {{"backup", "photos"}, "'photos': backup takes no arguments", "--help"},
      {{"backup", "--", "x"}, "'x': backup takes no arguments", "--help"},
      {{"--json"}, "the command is missing", "--help"},
      {{"backup", "--store"}, "--store: its value is missing", ""},
      {{"backup", "--store="}, "--store=: its value is missing", ""},
      {{"--store", "file:///b"}, "the command is missing", "--help"},
      {{"--stroe", "x", "backup"}, "there is no option --stroe", "Did you mean --store?"},
      {{"backup", "--store", "--stroe"}, "--store: its value is missing: '--stroe' follows", ""},
      {{"backup", "---store", "x"}, "there is no option ---store", "Did you mean --store?"},
      {{"restore", "--target", "--dry-run"},
       "--target: its value is missing: '--dry-run' follows",
       "--target=..."},
      {{"backup", "--store", "a", "--store", "b"}, "--store: given twice", ""},
      {{"backup", "--json=no"}, "--json: takes no value", ""},
  };
  for (const Case& c : cases) {
    const Error error = refused(c.words);
    EXPECT_EQ(error.code, Errc::invalid);
    EXPECT_EQ(error.message, c.message) << testing::PrintToString(c.words);
    EXPECT_THAT(error.hint, HasSubstr(c.hint));
  }
}

TEST(CommandLine, TakesNoPasswordAndDoesNotRepeatIt)
{
  for (const Words& words :
       {Words{"backup", "--db-password", "s3cret"}, Words{"backup", "--db-password=s3cret"},
        Words{"backup", "--db-passwrod=s3cret"}, Words{"--db-password", "s3cret", "backup"},
        Words{"--db-password=s3cret", "nonsense"}, Words{"--db-passwrod", "s3cret", "backup"}}) {
    const Error error = refused(words);
    EXPECT_FALSE((error.message + error.hint).contains("s3cret")) << error.message;
  }
  EXPECT_THAT(refused({"backup", "--db-password", "x"}).hint, HasSubstr("DB_PASSWORD"));
}

TEST(CommandLine, NeverCrashesOnOddWords)
{
  for (const char* word : {"", "-", "--", "---", "--=", "-=", "=", "--store=\xff", "\n", "++",
                           "--++", "--no-", "/?", "%", "[", "]", "[]", "{}"}) {
    static_cast<void>(parse({word}).has_value());
    static_cast<void>(parse({"ls", word}).has_value());
    static_cast<void>(parse({"ls", word, word}).has_value());
    static_cast<void>(parse({word, "ls"}).has_value());
  }
}

}  // namespace
}  // namespace ib::test
