// SPDX-License-Identifier: Apache-2.0
#include "app/keygen.hpp"
#include "cli/ask_secret.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

/// The store that the settings name; absent where they name none.
Result<std::optional<StoreAddress>> named_store(const Settings& settings)
{
  const Result<std::string> url = store_url(settings, environment);
  if (!url) return std::optional<StoreAddress>();
  return TRY(StoreAddress::parse(*url));
}

Result<KeygenReport> make_key(const Settings& settings, const std::string& file,
                              const std::stop_token& stop)
{
  KeygenJob job{.file = file};
  job.store = TRY(named_store(settings));
  job.paper = TRY(settings.flag("paper"));
  if (TRY(settings.flag("passphrase")))
    job.new_passphrase = [&] { return ask_new_passphrase(file, stop); };
  return run_keygen(job);
}

Result<Conclusion> run(Invocation& invocation)
{
  const Settings& settings = invocation.settings();
  const bool protects = TRY(settings.flag("passphrase"));
  const bool shows = TRY(settings.flag("show"));
  const bool paper = TRY(settings.flag("paper"));
  if (invocation.arguments().size() != 1)
    return fail(Errc::invalid, "keygen: say which file, and one alone",
                "Such as: immich-backup keygen backup-key.txt");
  if (protects && shows)
    return fail(Errc::invalid, "--passphrase is for a new key, and --show for one that is there",
                "`age -p` protects a file with a passphrase.");
  if (paper && invocation.json())
    return fail(Errc::invalid, "--paper prints a page for people, and --json an object",
                "Leave out one of them.");
  const std::string& file = invocation.arguments().front();
  return invocation.attended([&](Progress&, const std::stop_token& stop) -> Result<Conclusion> {
    Conclusion conclusion =
        TRY(invocation.conclude(shows ? show_key(
                                            file, [&] { return ask_passphrase(file, stop); }, paper)
                                      : make_key(settings, file, stop)));
    if (paper) conclusion.is_report = false;  // its lines have the width of paper
    return conclusion;
  });
}

}  // namespace

Command make_keygen_command()
{
  return {
      .name = "keygen",
      .group = CommandGroup::keeping,
      .summary = "make a key that alone opens an encrypted backup",
      .description = R"(
          Writes a new identity, that is a secret key of age (age-encryption.org), to FILE, which
          must not be there yet, and prints its public key. A backup that is encrypted to the public
          key is opened by the identity alone: keep a copy of FILE away from the machine that backs
          up. `age` reads the file, too, and a file of `age-keygen` can be used just as well.)",
      .arguments = "FILE",
      .examples = {{"immich-backup keygen backup-key.txt"},
                   {"immich-backup keygen --passphrase backup-key.age",
                    "asks for a passphrase, without which the file opens nothing"},
                   {"immich-backup keygen --paper backup-key.txt | lp", "and a copy on paper"},
                   {"immich-backup keygen --show backup-key.txt", "prints its public key again"}},
      .options =
          {{.name = "passphrase",
            .help = "protect the file with a passphrase, as `age -p` does: it is asked for at "
                    "the terminal",
            .command_line_only = true},
           {.name = "paper",
            .help = "print a page with the secret key instead of the report, as text to be "
                    "typed and as a QR code; whoever has the page needs no passphrase",
            .command_line_only = true},
           {.name = "show",
            .help =
                "make no key: print the public key of the one in FILE, or with --paper its page",
            .command_line_only = true},
           {.name = "store",
            .metavar = "URL",
            .help = "where the backup is, or is to be: the key should not lie there"},
           {.name = "json", .help = "print one JSON object instead of text"},
           {.name = "config",
            .metavar = "FILE",
            .help = "look at this file instead of those that are read without it"}},
      .shows_progress = false,
      .run = run,
  };
}

}  // namespace ib
