// SPDX-License-Identifier: Apache-2.0
#include "app/keygen.hpp"

#include "age/encryption.hpp"
#include "age/keys.hpp"
#include "app/outside_stores.hpp"
#include "base/text.hpp"
#include "sys/file.hpp"
#include "sys/file_system.hpp"
#include "sys/system.hpp"

#include <utility>

namespace ib {
namespace {

struct Place {
  Folder folder;
  std::string name;
};

std::unexpected<Error> is_there(const std::string& file)
{
  return fail(
      Errc::invalid, printable(file) + ": is there already, and no key is written over",
      "Name another file. `immich-backup keygen --show` tells the public key of one that is "
      "there.");
}

/// Where the file is to be. Its folder is there, and it is not.
Result<Place> free_place(const std::string& file)
{
  const std::size_t slash = file.rfind('/');
  std::string name = slash == std::string::npos ? file : file.substr(slash + 1);
  const std::string parent = slash == std::string::npos ? "." : file.substr(0, slash + 1);
  if (name.empty() || name == "." || name == "..")
    return fail(Errc::invalid, "'" + printable(file) + "': is no file's name",
                "Name the file that is to hold the secret key.");
  if (file == "-")
    return fail(Errc::invalid, "the secret key is not written to stdout",
                "Name a file. ./- is one, too.");
  Result<Folder> folder = Folder::open(parent);
  if (!folder && folder.error().code == Errc::not_found)
    return fail(Errc::invalid, printable(file) + ": its folder is not there",
                "Make the folder first, or name another one. Is its disk mounted?");
  if (!folder) return std::unexpected(std::move(folder).error());
  const Result<FileStat> found = folder->stat(name);
  if (found && found->kind == FileKind::folder)
    return fail(Errc::invalid, printable(file) + ": is a folder", "Name a file in it.");
  if (found) return is_there(file);
  if (found.error().code != Errc::not_found) return std::unexpected(found.error());
  folder->set_readers(Readers::owner);
  return Place{.folder = *std::move(folder), .name = std::move(name)};
}

/// What is worth knowing of the file's place.
std::vector<std::string> notes_about(const KeygenJob& job)
{
  std::vector<std::string> notes;
  if (others_may_read(job.file))
    notes.emplace_back(
        "everybody on this machine can read the file, since its file system keeps no permissions: "
        "unplug the disk, or move the file to another one");
  const FolderAddress* store = job.store ? job.store->folder() : nullptr;
  if (store == nullptr) return notes;
  const Result<FileSystem> own = file_system_of(job.file);
  const Result<FileSystem> stores = file_system_of(store->path);
  if (own && stores && !own->mount_point.empty() && own->mount_point == stores->mount_point)
    notes.emplace_back(
        "the file lies on the same file system as the store: whoever takes that disk has the "
        "photos "
        "and what opens them. Move it elsewhere");
  return notes;
}

/// As `age-keygen` writes it.
std::string content_of(const AgeIdentity& identity, Timestamp created)
{
  return "# created: " + format_iso(created) + "\n# public key: " + identity.recipient().text() +
         "\n" + identity.secret_text() + "\n";
}

/// As `age -p` does it.
Result<std::string> protected_form(std::string_view content, const Passphrase& passphrase)
{
  std::string file;
  const AgeFileKey key = TRY(AgeFileKey::for_passphrase(passphrase));
  AgeEncryptor encryptor(key, [&](ByteView bytes) -> Result<> {
    file += text_of(bytes);
    return {};
  });
  TRY(encryptor.write(bytes_of(content)));
  TRY(encryptor.finish());
  return file;
}

}  // namespace

Result<KeygenReport> run_keygen(const KeygenJob& job)
{
  constexpr const char* kWhat = "the secret key";
  const Place place = TRY(free_place(job.file));
  const std::string path = absolute_path(place.folder.path()) + "/" + place.name;
  // Whoever takes the disk of the store is not to have it.
  TRY(require_outside_stores(job.store ? job.store->folder() : nullptr, kWhat, path));
  TRY(require_lasting_place(kWhat, path));

  KeygenReport report;
  report.header.command = "keygen";
  report.file = job.file;
  report.created = wall_clock_now();
  report.has_passphrase = static_cast<bool>(job.new_passphrase);
  const AgeIdentity identity = AgeIdentity::create();
  report.public_key = identity.recipient().text();
  if (job.paper) report.paper = {.secret_key = identity.secret_text(), .printed = *report.created};
  std::string content = content_of(identity, *report.created);
  if (job.new_passphrase) content = TRY(protected_form(content, TRY(job.new_passphrase())));

  PendingFile file =
      TRY(PendingFile::create(place.folder, std::string(kTemporaryPrefix) + random_hex(8),
                              place.name, PendingFile::Sync::now));
  TRY(file.write(bytes_of(content)));
  const Result<> named = file.commit_new();
  if (!named && named.error().code == Errc::precondition_failed) return is_there(job.file);
  TRY(named);
  report.header.notes = notes_about(job);
  return report;
}

Result<KeygenReport> show_key(const std::string& file, const AskPassphrase& ask, bool paper)
{
  KeygenReport report;
  report.header.command = "keygen";
  report.file = file;
  const std::vector<AgeIdentity> identities = TRY(load_age_identities(file, [&] {
    report.has_passphrase = true;
    return ask();
  }));
  if (identities.size() > 1)
    return fail(Errc::invalid,
                printable(file) + ": holds " + format_count(identities.size()) + " identities",
                "`age-keygen -y FILE` prints the public key of each.");
  const AgeIdentity& identity = identities.front();
  report.public_key = identity.recipient().text();
  if (paper) report.paper = {.secret_key = identity.secret_text(), .printed = wall_clock_now()};
  return report;
}

}  // namespace ib
