// SPDX-License-Identifier: Apache-2.0
#include "cli/options/trust.hpp"

#include "base/text.hpp"
#include "cli/ask_secret.hpp"
#include "repository/documents.hpp"
#include "repository/store_marker.hpp"
#include "sys/file.hpp"

#include <algorithm>
#include <utility>

namespace ib {
namespace {

/// The public key of the machine that began the store. Empty where none is told: nothing was begun,
/// or before there were keys, or in a folder that goes without.
Result<std::string> key_of_store(ObjectStore& store, const std::stop_token& stop)
{
  const Result<std::string> document =
      marker_document(store, {.name = {std::string(kStoreMarker)}}, stop);
  if (!document && document.error().code == Errc::not_found) return "";
  return TRY(parse_store_marker(TRY(document), kStoreMarker)).key;
}

std::unexpected<Error> no_key_to_read(const std::string& url)
{
  return fail(Errc::invalid,
              url + ": what lies there is signed, and no key is configured that tells by whom",
              "Set IMMICH_BACKUP_TRUSTED_KEY (--trusted-key) to the public key on your recovery "
              "kit, or --machine-key to the file that `immich-backup init` has made. --unsigned "
              "reads what lies there, whoever has written it.");
}

std::unexpected<Error> no_key_to_sign(const std::string& url, const std::string& file)
{
  return fail(
      Errc::invalid,
      url + ": this machine has no key to sign what it stores" +
          (file.empty() ? std::string() : " (" + file + ")"),
      "Nothing was written. Is the file or the Secret mounted? Where there is none yet, run "
      "once: immich-backup init --store " +
          shell_quoted(url) + ". It makes the key, and signs a backup that is there already.");
}

}  // namespace

Options trust_options()
{
  return {
      {.name = "machine-key",
       .metavar = "FILE",
       .group = OptionGroup::tuning,
       .environment = {"IMMICH_BACKUP_MACHINE_KEY_FILE"},
       .help = "the key that signs what this machine stores "
               "(default: immich-backup/machine.key in $XDG_CONFIG_HOME or ~/.config)"},
      {.name = "trusted-key",
       .metavar = "KEY",
       .group = OptionGroup::tuning,
       .help = "believe what this public key (ed25519:...) has signed, too: on a machine that only "
               "reads, and for a machine key that was replaced",
       .repeatable = true},
      {.name = "distrust",
       .metavar = "FROM/TO",
       .group = OptionGroup::tuning,
       .help = "set aside what the bucket says was created between these times, and what builds on "
               "it; or, in a folder, the name of a manifest",
       .repeatable = true},
      {.name = "encrypt-to",
       .metavar = "KEY",
       .group = OptionGroup::tuning,
       .help = "the public key (age1...), or a file of them, that alone can open the photos and "
               "dumps of an encrypted store",
       .repeatable = true},
      {.name = "identity",
       .metavar = "FILE",
       .group = OptionGroup::tuning,
       .environment = {"IMMICH_BACKUP_IDENTITY_FILE"},
       .help = "the owner's secret key (AGE-SECRET-KEY-...), to read photos and dumps of an "
               "encrypted store; its passphrase, where it has one, is asked for at the terminal"},
      {.name = "unsigned",
       .group = OptionGroup::tuning,
       .help = "believe what lies in the store, whoever has written it; a bucket is only read so"},
  };
}

std::string machine_key_file(const Settings& settings, const EnvironmentLookup& environment)
{
  if (const std::optional<std::string> named = settings.text("machine-key")) return *named;
  if (const auto config = environment("XDG_CONFIG_HOME"); config && config->starts_with('/'))
    return *config + "/immich-backup/machine.key";
  const auto home = environment("HOME");
  return home && home->starts_with('/') ? *home + "/.config/immich-backup/machine.key" : "";
}

Result<TrustedKeys> trusted_keys(const Settings& settings, const EnvironmentLookup& environment)
{
  TrustedKeys keys;
  const std::string file = machine_key_file(settings, environment);
  Result<MachineKey> own = file.empty() ? fail(Errc::not_found, "") : load_machine_key(file);
  const bool is_named = settings.find("machine-key") != nullptr;
  if (own) {
    keys.own = std::make_shared<const MachineKey>(*std::move(own));
  } else if (own.error().code != Errc::not_found &&
             (is_named || own.error().code != Errc::denied)) {
    return std::unexpected(std::move(own).error());  // another user's own key is none of ours
  }
  for (const std::string& text : settings.list("trusted-key"))
    keys.others.push_back(TRY(parse_public_key(text)));
  for (const std::string& text : settings.list("distrust"))
    keys.distrusted.push_back(TRY(Distrusted::parse(text)));
  return keys;
}

Result<std::vector<AgeRecipient>> recipients_in(const Settings& settings)
{
  std::vector<AgeRecipient> recipients;
  for (const std::string& value : settings.list("encrypt-to")) {
    if (value.find('/') != std::string::npos || path_exists(value)) {
      const std::vector<AgeRecipient> in_file =
          TRY(load_age_recipients(value).context("--encrypt-to"));
      recipients.insert(recipients.end(), in_file.begin(), in_file.end());
      continue;
    }
    std::string_view keys = value;
    while (!keys.empty()) {
      const std::size_t end = std::min(keys.find(','), keys.size());
      recipients.push_back(TRY(AgeRecipient::parse(keys.substr(0, end)).context("--encrypt-to")));
      keys.remove_prefix(std::min(end + 1, keys.size()));
    }
  }
  if (sorted_texts(recipients).size() > kMostOwners)
    return fail(Errc::invalid, "--encrypt-to: names " + format_count(recipients.size()) +
                                   " public keys; a store takes " + format_count(kMostOwners) +
                                   " at most");
  return recipients;
}

std::string distrust_to_keep(const std::vector<std::string>& values)
{
  return "Keep it in the configuration of all that read this store: IMMICH_BACKUP_DISTRUST=" +
         shell_quoted(joined(values, ","));
}

namespace {

Result<std::unique_ptr<SignedStore>> trusted_form_of(ObjectStore& store, KeyUse use,
                                                     const Settings& settings,
                                                     const EnvironmentLookup& environment,
                                                     const std::stop_token& stop)
{
  const bool in_bucket = store.address().bucket() != nullptr;
  const bool is_told_to_believe = TRY(settings.flag("unsigned"));
  if (is_told_to_believe && in_bucket && use == KeyUse::signs) {
    return fail(Errc::invalid, store.url() + ": what is stored in a bucket has to be signed",
                "Whoever steals the key of a bucket can plant objects in it. `immich-backup init` "
                "makes the machine key; --unsigned is for reading.");
  }
  if (is_told_to_believe) return nullptr;
  TrustedKeys keys = TRY(trusted_keys(settings, environment));
  const bool only_plans = settings.flag("dry-run").value_or(false);
  const bool has_key = use == KeyUse::signs ? keys.own != nullptr : !keys.all().empty();
  if (!in_bucket || !has_key) {
    const std::string key = TRY(key_of_store(store, stop));
    const bool may_go_without = !in_bucket || use == KeyUse::verifies || only_plans;
    if (key.empty() && has_key) {
      // The marker may be gone, or another one in its place.
      std::unique_ptr<SignedStore> form = TRY(SignedStore::open(store, keys));
      if (TRY(form->holds_trusted(stop))) return form;
    }
    if (key.empty() && may_go_without) return nullptr;
    if (!has_key && use == KeyUse::signs)
      return no_key_to_sign(store.url(), machine_key_file(settings, environment));
    if (!has_key) return no_key_to_read(store.url());
  }
  return SignedStore::open(store, std::move(keys));
}

}  // namespace

Result<StoreLayers> layers_of(ObjectStore& store, KeyUse use, const Settings& settings,
                              const EnvironmentLookup& environment, const std::stop_token& stop)
{
  const TrustedKeys trusted = TRY(trusted_keys(settings, environment));
  EncryptionKeys keys{.machine = trusted.own};
  keys.recipients = TRY(recipients_in(settings));
  if (use == KeyUse::makes) {
    keys.trusts_marker = true;
    keys.changes_recipients = settings.flag("change-recipients").value_or(false);
  }
  if (!TRY(settings.flag("unsigned"))) keys.trusted = trusted.all();
  if (const std::optional<std::string> file = settings.text("identity")) {
    keys.identities = TRY(identities_in(*file, stop).context("--identity"));
  }
  StoreLayers layers{.encryption = std::make_unique<EncryptedStore>(store, std::move(keys)),
                     .signatures = nullptr};
  if (use == KeyUse::makes) return layers;
  layers.signatures = TRY(trusted_form_of(*layers.encryption, use, settings, environment, stop));
  if (layers.signatures == nullptr && settings.find("distrust") != nullptr) {
    return fail(Errc::invalid,
                store.url() +
                    ": nothing is known to be anybody's there, and --distrust can set "
                    "nothing aside",
                "Nothing was changed. --ignore-manifest NAME goes on without a manifest that you "
                "name; --distrust needs a store that is signed.");
  }
  return layers;
}

}  // namespace ib
