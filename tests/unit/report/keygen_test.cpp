// SPDX-License-Identifier: Apache-2.0
#include "report/keygen.hpp"

#include "report/qr_code.hpp"
#include "support/matchers.hpp"
#include "support/parsed_json.hpp"

namespace ib::test {
namespace {

KeygenReport new_key()
{
  KeygenReport report;
  report.header.command = "keygen";
  report.file = "key\n.txt";
  report.public_key = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
  report.created = Timestamp(std::chrono::seconds(1768446000));
  return report;
}

TEST(KeygenReport, TellsThePublicKeyAndWhatToDoNext)
{
  KeygenReport report = new_key();
  report.header.notes.emplace_back("the file lies on the same file system as the store");
  EXPECT_EQ(to_text(report),
            "public key     age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n"
            "file           key\\n.txt: new\n"
            "next           Keep a copy of the file away from the machine that backs up: it is the "
            "only thing that opens the photos of an encrypted backup. Then begin the store:\n"
            "               `immich-backup init --encrypt-to "
            "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj --identity "
            "$'key\\012.txt'`\n"
            "note           the file lies on the same file system as the store\n");
  EXPECT_EQ(outcome_of(report), Outcome::ok);
  report.has_passphrase = true;
  EXPECT_THAT(to_text(report), HasSubstr("key\\n.txt: new, opened by its passphrase alone\n"));
  EXPECT_THAT(to_text(report), HasSubstr("and its passphrase where you find it again"));
}

TEST(KeygenReport, OfAFileThatWasThereSaysNothingOfWhatComesNext)
{
  KeygenReport report = new_key();
  report.created.reset();
  EXPECT_EQ(to_text(report),
            "public key     age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\n"
            "file           key\\n.txt\n");
}

TEST(KeygenReport, IsOneObject)
{
  KeygenReport report = new_key();
  const json object = parsed(to_json(report));
  EXPECT_EQ(object["command"], "keygen");
  EXPECT_EQ(object["result"], "ok");
  EXPECT_EQ(object["file"], "key\n.txt");
  EXPECT_EQ(object["public_key"], report.public_key);
  EXPECT_EQ(object["created"], "2026-01-15T03:00:00Z");
  EXPECT_EQ(object["passphrase"], false);
  report.created.reset();
  report.has_passphrase = true;
  EXPECT_TRUE(parsed(to_json(report))["created"].is_null());
  EXPECT_EQ(parsed(to_json(report))["passphrase"], true);
}

TEST(KeygenReport, OnPaperHasTheSecretKeyInGroupsAndAsACode)
{
  const std::string secret =
      "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
  KeygenReport report = new_key();
  report.header.notes.emplace_back("the file lies on the same file system as the store");
  EXPECT_THAT(to_text(report) + to_json(report), Not(HasSubstr("AGE-SECRET-KEY")));
  report.paper = {.secret_key = secret, .printed = *report.created};
  const std::string page = to_text(report);
  EXPECT_THAT(page, HasSubstr("made           2026-01-15\n"
                              "file           key\\n.txt, which has the same key\n"
                              "public key     " +
                              report.public_key + "\nnote           the file lies on"));
  EXPECT_THAT(page, HasSubstr("\n  AGE-SECRET-KEY-1\n"
                              "  GFPY YSJZ GFPY YSJZ GFPY\n"
                              "  YSJZ GFPY YSJZ GFPY YSJZ\n"
                              "  GFPY YSJZ GFPQ 4EGA EX\n\n"));
  EXPECT_THAT(page, EndsWith("\n\n" + qr_code(secret)));
  EXPECT_THAT(to_json(report), Not(HasSubstr("GFPYYSJZ")));

  report.created.reset();
  report.has_passphrase = true;
  EXPECT_THAT(to_text(report), HasSubstr("printed        2026-01-15\n"));
  EXPECT_THAT(to_text(report), HasSubstr("opened by its passphrase alone. This page needs none"));
}

TEST(QrCode, HasFullMarginsAndTheSameWidthInEachLine)
{
  const std::string code = qr_code(std::string(74, 'A'));
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < code.size(); at = code.find('\n', at) + 1)
    lines.push_back(code.substr(at, code.find('\n', at) - at));
  ASSERT_THAT(lines, SizeIs(25));  // version 6, 41 by 41, and four on each side
  for (const std::string& line : lines) {
    std::size_t columns = 0;
    for (const char c : line)
      if ((static_cast<unsigned char>(c) & 0xc0U) != 0x80) ++columns;
    EXPECT_EQ(columns, 49U);
    EXPECT_THAT(line, AllOf(StartsWith("    "), EndsWith("    ")));
  }
  for (const std::size_t i : {0U, 1U, 23U, 24U}) EXPECT_EQ(lines[i], std::string(49, ' '));
  EXPECT_THAT(lines[2], StartsWith("    \u2588\u2580\u2580\u2580\u2580\u2580\u2588 "));
}

}  // namespace
}  // namespace ib::test
