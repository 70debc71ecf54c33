// SPDX-License-Identifier: Apache-2.0
#include "cli/options/notices.hpp"

#include "cli/commands/all.hpp"
#include "support/builders.hpp"
#include "support/settings.hpp"

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
  EXPECT_EQ(all.webhook_on, WebhookOn::always);
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
