// SPDX-License-Identifier: Apache-2.0
#include "app/init.hpp"
#include "cli/ask_secret.hpp"
#include "cli/command.hpp"
#include "cli/invocation.hpp"
#include "cli/options/common.hpp"
#include "cli/options/database.hpp"
#include "cli/options/files.hpp"
#include "cli/options/trust.hpp"
#include "sys/system.hpp"

namespace ib {
namespace {

Result<InitJob> init_job(const Settings& settings)
{
  InitJob job;
  job.key_file = machine_key_file(settings, environment);
  job.may_go_without = TRY(settings.flag("unsigned"));
  job.new_key = TRY(settings.flag("new-machine-key"));
  job.sign = TRY(settings.flag("sign"));
  job.change_recipients = TRY(settings.flag("change-recipients"));
  job.may_be_unproven = TRY(settings.flag("unproven"));
  job.library = settings.text("library");
  job.adopt = TRY(settings.flag("adopt"));
  if (!TRY(settings.flag("no-database"))) {
    job.database = TRY(require_database(
        settings, "; or use --no-database: then the store does not know whose Immich it is of"));
  }
  return job;
}

Result<Conclusion> run(const Session& session, Invocation& invocation)
{
  InitJob job = TRY(init_job(invocation.settings()));
  if (session.ask)
    job.ask_identities = [&](const std::string& why) { return ask_identities(why, session.stop); };
  return invocation.conclude(run_init(session, job));
}

}  // namespace

Command make_init_command()
{
  return {
      .name = "init",
      .group = CommandGroup::needed,
      .summary = "begin a store: once, before the first backup",
      .description = R"(
          Makes the place that --store names a store, by writing its marker manifest.store.json. It
          notes whose Immich the store is of, by ids that tell no name. A backup goes only to a
          place with a marker: not to the empty folder of a disk that is not mounted, and not to the
          store of another Immich. On a store that is this Immich's already, init changes nothing.
          It also makes the machine key, a small file that signs what the backup stores, so that
          nobody who steals the credential can pass off objects as this backup's. A folder may go
          without (--unsigned). With --encrypt-to, the store is encrypted to the owner's public key:
          this machine writes it, and cannot read a photo back.)",
      .examples =
          {{"immich-backup init --store file:///mnt/usb/immich",
            "with DB_HOSTNAME and DB_PASSWORD in the environment"},
           {"immich-backup init --store gs://photos/immich --encrypt-to age1... --identity key.txt",
            "an encrypted store; the identity shows that it can be opened, and is not kept"},
           {"immich-backup init --store gs://photos/immich --adopt",
            "this Immich takes the place of the one whose store it was"}},
      .options = joined(
          {{store_option(),
            library_option("Immich's media root: refused if the store lies in it"),
            {.name = "no-database", .help = "do not ask the database whose Immich it is"},
            {.name = "adopt",
             .help = "make the store this Immich's, whosever it was; in a bucket, needs a "
                     "credential that may replace manifest.store.json",
             .command_line_only = true},
            {.name = "new-machine-key",
             .help = "the machine key of this store is lost: make another",
             .command_line_only = true},
            {.name = "sign",
             .help = "sign what lies in the store and no key has signed, whoever has written it; "
                     "each object is listed",
             .command_line_only = true},
            {.name = "change-recipients",
             .help = "encrypt to the keys of --encrypt-to from now on; what is stored stays as it "
                     "is",
             .command_line_only = true},
            {.name = "unproven",
             .help = "begin an encrypted store although no --identity shows that it can be opened",
             .command_line_only = true},
            {.name = "group-readable",
             .help = "let this user's group read a new folder store; otherwise only its user can"}},
           database_options(),
           common_options()}),
      .keys = KeyUse::makes,
      .run = run,
  };
}

}  // namespace ib
