// SPDX-License-Identifier: Apache-2.0
#include "cli/options/notices.hpp"

#include "cli/commands/all.hpp"
#include "support/builders.hpp"
#include "support/sample_library.hpp"
#include "support/settings.hpp"
#include "sys/file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ib::test {
namespace {

Result<NoticeJob> job(const std::vector<std::string>& words, const Variables& variables = {})
{
  return notice_job(settings(words, variables), *find_command(words.front()));
}

TEST(NoticeJob, TellsNobodyWhereNobodyIsNamed)
{
  const NoticeJob none = must(job({"backup"}));
  EXPECT_FALSE(none.tells_metrics());
  EXPECT_THAT(none.pings, IsEmpty());
  EXPECT_FALSE(none.webhook);
}

TEST(NoticeJob, TakesEachOptionFromTheEnvironment)
{
  const NoticeJob all =
      must(job({"backup"}, {{"IMMICH_BACKUP_METRICS_FILE", "/m/x.prom"},
                            {"IMMICH_BACKUP_PUSHGATEWAY", "http://p:9091"},
                            {"IMMICH_BACKUP_PING", "https://hc/a"},
                            {"IMMICH_BACKUP_WEBHOOK", "https://w/b"},
                            {"IMMICH_BACKUP_WEBHOOK_ON", "always"},
                            {"IMMICH_BACKUP_WEBHOOK_TEMPLATE", "{\"text\": \"{summary}\"}"}}));
  EXPECT_EQ(all.metrics_file, "/m/x.prom");
  EXPECT_EQ(all.pushgateway, "http://p:9091");
  EXPECT_THAT(all.pings, ElementsAre("https://hc/a"));
  EXPECT_EQ(all.webhook, "https://w/b");
  EXPECT_EQ(all.webhook_on, NoticeOn::always);
  EXPECT_TRUE(all.webhook_template && all.webhook_template->is_json());
}

TEST(NoticeJob, LetsNoOtherCommandPingForTheBackup)
{
  const Variables both{{"IMMICH_BACKUP_PING", "https://hc/backup,verify=https://hc/verify?a=b"}};
  EXPECT_THAT(must(job({"backup"}, both)).pings, ElementsAre("https://hc/backup"));
  EXPECT_THAT(must(job({"verify"}, both)).pings, ElementsAre("https://hc/verify?a=b"));
  EXPECT_THAT(must(job({"prune"}, both)).pings, IsEmpty());
  EXPECT_THAT(must(job({"status"}, both)).pings, IsEmpty());
  // Who names it with the command means the command.
  EXPECT_THAT(must(job({"verify", "--ping", "https://hc/x"})).pings, ElementsAre("https://hc/x"));
}

TEST(NoticeJob, TellsNobodyOfADryRun)
{
  const NoticeJob dry =
      must(job({"backup", "--dry-run", "--ping", "https://hc/x", "--webhook", "https://w/x",
                "--metrics-file", "/m", "--pushgateway", "http://p"}));
  EXPECT_THAT(dry.pings, IsEmpty());
  EXPECT_FALSE(dry.webhook || dry.tells_metrics());
}

TEST(NoticeJob, TellsNobodyOfAPartOfAFleet)
{
  const NoticeJob part =
      must(job({"backup", "--shards", "4", "--shard", "1", "--ping", "https://hc/x"}));
  EXPECT_THAT(part.pings, IsEmpty()) << "its success is not a backup's";
}

TEST(NoticeJob, NamesNoAddressThatItRefuses)
{
  for (const char* option : {"--ping", "--webhook", "--pushgateway"}) {
    for (const char* url : {"s3krit", "hc-ping.com/s3krit", "ftp://h/s3krit", "https:///s3krit",
                            "https://h/s3 krit", "verify=s3krit", "https://h/s3krit\n"}) {
      const Result<NoticeJob> refused = job({"backup", option, url});
      EXPECT_TRUE(fails_with(Errc::invalid, refused)) << option << " " << url;
      EXPECT_THAT(refused.error().message + refused.error().hint, Not(HasSubstr("krit")));
      EXPECT_THAT(refused.error().message, HasSubstr(option));
    }
  }
  EXPECT_TRUE(fails_with(Errc::invalid, job({"backup", "--webhook-on", "never"})));
  EXPECT_TRUE(fails_with(Errc::invalid, job({"backup", "--webhook-template", "{nothing}"})));
  EXPECT_TRUE(fails_with(Errc::invalid, job({"backup", "--webhook-template", "@/no/such/file"})));
}

const Variables kMail{{"IMMICH_BACKUP_MAIL_SERVER", "smtp://mail.example.org:587"},
                      {"IMMICH_BACKUP_MAIL_USER", "me"},
                      {"IMMICH_BACKUP_MAIL_PASSWORD", "s3krit"},
                      {"IMMICH_BACKUP_MAIL_FROM", "backup@example.org"},
                      {"IMMICH_BACKUP_MAIL_TO", "me@example.org,you@example.org"}};

/// The settings of kMail, but for these. An empty value is none.
Result<NoticeJob> mail_job(const Variables& others, const std::vector<std::string>& words = {})
{
  Variables variables = kMail;
  for (const auto& [name, value] : others) variables["IMMICH_BACKUP_MAIL_" + name] = value;
  std::vector<std::string> line{"backup"};
  line.insert(line.end(), words.begin(), words.end());
  return job(line, variables);
}

TEST(MailJob, TakesEachOptionFromTheEnvironment)
{
  const std::optional<MailJob> mail = must(mail_job({{"ON", "problems"}})).mail;
  ASSERT_TRUE(mail);
  EXPECT_EQ(mail->server.url, "smtp://mail.example.org:587");
  EXPECT_TRUE(mail->server.is_encrypted());
  EXPECT_EQ(mail->server.user, "me");
  EXPECT_EQ(mail->server.password, "s3krit");
  EXPECT_EQ(mail->from, "backup@example.org");
  EXPECT_THAT(mail->to, ElementsAre("me@example.org", "you@example.org"));
  EXPECT_EQ(mail->on, NoticeOn::problems);
  EXPECT_EQ(must(mail_job({})).mail->on, NoticeOn::failure);
  EXPECT_FALSE(must(job({"backup"})).mail);
  EXPECT_FALSE(must(mail_job({}, {"--dry-run"})).mail);
}

TEST(MailJob, ReadsThePasswordFromAFile)
{
  const ScratchFolder folder = must(ScratchFolder::create(""));
  put_file(folder.file("password"), "of the file\r\n");
  put_file(folder.file("empty"), "\n");
  const auto password = [&](const Variables& others, const std::vector<std::string>& words = {}) {
    return must(mail_job(others, words)).mail->server.password;
  };
  EXPECT_EQ(password({{"PASSWORD", ""}, {"PASSWORD_FILE", folder.file("password")}}),
            "of the file");
  EXPECT_EQ(password({{"PASSWORD_FILE", folder.file("password")}}), "s3krit");
  EXPECT_EQ(password({}, {"--mail-password-file", folder.file("password")}), "of the file")
      << "the command line comes before the environment";
  for (const char* file : {"empty", "none"})
    EXPECT_TRUE(
        fails_with(Errc::invalid, mail_job({}, {"--mail-password-file", folder.file(file)})));
}

TEST(MailJob, SendsNoPasswordInTheClear)
{
  const auto is_encrypted = [](const Variables& others, const std::vector<std::string>& words) {
    return must(mail_job(others, words)).mail->server.is_encrypted();
  };
  const Variables nobody{{"USER", ""}, {"PASSWORD", ""}};
  Variables here = nobody;
  here["SERVER"] = "smtp://localhost";
  EXPECT_TRUE(is_encrypted({{"SERVER", "smtp://localhost"}}, {}));
  EXPECT_FALSE(is_encrypted(here, {}));
  EXPECT_TRUE(is_encrypted(nobody, {}));
  EXPECT_FALSE(is_encrypted(nobody, {"--mail-without-tls"}));
  EXPECT_TRUE(fails_with(Errc::invalid, mail_job({}, {"--mail-without-tls"})));
  Variables tls = nobody;
  tls["SERVER"] = "smtps://mail.example.org";
  EXPECT_TRUE(fails_with(Errc::invalid, mail_job(tls, {"--mail-without-tls"})));
}

TEST(MailJob, RefusesWhatNobodyWouldGetAndQuotesNothing)
{
  const std::vector<Variables> wrong{{{"SERVER", ""}},
                                     {{"SERVER", "mail.example.org"}},
                                     {{"SERVER", "smtps://me:s3krit@mail.example.org"}},
                                     {{"FROM", ""}},
                                     {{"TO", ""}},
                                     {{"FROM", "s3krit"}},
                                     {{"TO", "me@example.org,s3krit"}},
                                     {{"TO", "me@example.org\r\nDATA"}},
                                     {{"USER", ""}},
                                     {{"PASSWORD", ""}},
                                     {{"ON", "never"}}};
  for (const Variables& others : wrong) {
    const Result<NoticeJob> refused = mail_job(others);
    EXPECT_TRUE(fails_with(Errc::invalid, refused)) << others.begin()->first;
    EXPECT_THAT(refused.error().message, HasSubstr("MAIL_"));
    EXPECT_THAT(refused.error().message + refused.error().hint, Not(HasSubstr("s3krit")));
  }
  const Result<CommandLine> line =
      parse_command_line("immich-backup", {"backup", "--mail-password", "s3krit"});
  EXPECT_TRUE(fails_with(Errc::invalid, line));
  EXPECT_THAT(line.error().hint,
              AllOf(HasSubstr("IMMICH_BACKUP_MAIL_PASSWORD"), HasSubstr("--mail-password-file"),
                    Not(HasSubstr("s3krit"))));
}

TEST(Ping, PutsItsStepBehindThePath)
{
  EXPECT_EQ(with_step("https://hc-ping.com/uuid", "start"), "https://hc-ping.com/uuid/start");
  EXPECT_EQ(with_step("https://hc-ping.com/uuid/", "3"), "https://hc-ping.com/uuid/3");
  EXPECT_EQ(with_step("https://h/key/slug?create=1#x", "1"), "https://h/key/slug/1?create=1#x");
}

TEST(Pushgateway, GroupsByJobAndCommand)
{
  EXPECT_EQ(push_address("http://p:9091", "backup"),
            "http://p:9091/metrics/job/immich-backup/command/backup");
  EXPECT_EQ(push_address("http://p:9091/prefix/", "verify"),
            "http://p:9091/prefix/metrics/job/immich-backup/command/verify");
  EXPECT_EQ(push_address("http://p/metrics/job/photos/instance/home", "backup"),
            "http://p/metrics/job/photos/instance/home/command/backup");
}

}  // namespace
}  // namespace ib::test
