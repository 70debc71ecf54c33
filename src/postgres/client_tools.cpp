// SPDX-License-Identifier: Apache-2.0
#include "postgres/client_tools.hpp"

#include "base/text.hpp"
#include "sys/file.hpp"
#include "sys/subprocess.hpp"
#include "sys/system.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

namespace ib {
namespace {

constexpr std::size_t kLongestComplaintLine = 400;

void add_candidate(std::vector<std::string>& candidates, const std::string& folder,
                   std::string_view program)
{
  const std::string path = folder + "/" + std::string(program);
  if (!path_exists(path)) return;
  const std::string real = absolute_path(path);
  // Debian's wrapper guesses a version from the clusters on this machine. The programs behind it
  // are in /usr/lib/postgresql, which is searched anyway.
  if (real.ends_with("/pg_wrapper")) return;
  if (std::ranges::find(candidates, real) == candidates.end()) candidates.push_back(real);
}

/// Adds the candidates <parent>/<prefix><number><suffix>/<program>.
void add_versioned(std::vector<std::string>& candidates, const std::string& parent,
                   std::string_view prefix, std::string_view suffix, std::string_view program)
{
  const Result<Folder> folder = Folder::open(parent);
  if (!folder) return;  // another kind of system
  const auto entries = folder->entries();
  if (!entries) return;
  for (const FolderEntry& entry : *entries) {
    std::string_view number = entry.name;
    if (!number.starts_with(prefix)) continue;
    number.remove_prefix(prefix.size());
    const bool digits = std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
    if (digits && !number.empty())
      add_candidate(candidates, parent + "/" + entry.name + std::string(suffix), program);
  }
}

std::vector<std::string> candidates_for(std::string_view program, const std::string& bin_folder)
{
  std::vector<std::string> candidates;
  if (!bin_folder.empty()) {
    const std::string path = bin_folder + "/" + std::string(program);
    if (path_exists(path)) candidates.push_back(path);
    return candidates;
  }
  const std::string path = environment("PATH").value_or("/usr/local/bin:/usr/bin:/bin");
  for (std::string_view rest = path; !rest.empty();) {
    const std::size_t colon = rest.find(':');
    if (const std::string_view folder = rest.substr(0, colon); folder.starts_with('/')) {
      add_candidate(candidates, std::string(folder), program);
    }
    rest = colon == std::string_view::npos ? std::string_view{} : rest.substr(colon + 1);
  }
  add_versioned(candidates, "/usr/lib/postgresql", "", "/bin", program);
  add_versioned(candidates, "/usr", "pgsql-", "/bin", program);
  add_versioned(candidates, "/usr/libexec", "postgresql", "", program);
  return candidates;
}

bool is_error_line(std::string_view line)
{
  return line.contains("ERROR:") || line.contains("FATAL:") || line.contains("PANIC:") ||
         line.contains("error:");
}

bool explains(std::string_view line)
{
  for (const std::string_view word : {"DETAIL:", "HINT:", "detail:", "hint:"}) {
    if (line.contains(word)) return true;
  }
  return false;
}

}  // namespace

std::string to_string(const ClientVersion& version)
{
  return std::to_string(version.major) + "." + std::to_string(version.minor);
}

std::optional<ClientVersion> parse_client_version(std::string_view output)
{
  constexpr std::string_view kMark = "(PostgreSQL) ";
  const std::size_t mark = output.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  output.remove_prefix(mark + kMark.size());
  ClientVersion version;
  const char* end = output.end();
  const auto [after_major, error] = std::from_chars(output.begin(), end, version.major);
  if (error != std::errc{}) return std::nullopt;
  if (after_major != end && *after_major == '.') {
    // "17beta1" has no minor number, which counts as 0.
    static_cast<void>(std::from_chars(after_major + 1, end, version.minor));
  }
  return version;
}

Result<ClientVersion> client_version(const std::string& program, const std::stop_token& stop)
{
  const std::string output = TRY(
      run_and_capture({.argv = {program, "--version"}, .environment = {{"LC_ALL", "C"}}}, stop));
  const auto version = parse_client_version(output);
  if (!version) {
    return fail(Errc::invalid, program + ": it does not tell its PostgreSQL version",
                "Name the folder that holds PostgreSQL's client programs with --pg-bin.");
  }
  return *version;
}

const ClientProgram* choose_client(std::span<const ClientProgram> found, int server_major,
                                   OlderClient older)
{
  // Less is better: first the same major version, then the nearest newer one, then the nearest
  // older one.
  const auto distance = [&](const ClientProgram& program) {
    constexpr int kOlder = 1000;
    const int newer_by = program.version.major - server_major;
    return newer_by >= 0 ? newer_by : kOlder - newer_by;
  };
  const ClientProgram* best = nullptr;
  for (const ClientProgram& program : found) {
    if (older == OlderClient::refused && program.version.major < server_major) continue;
    const bool better =
        best == nullptr || distance(program) < distance(*best) ||
        (program.version.major == best->version.major && program.version > best->version);
    if (better) best = &program;
  }
  return best;
}

Result<std::string> find_client(std::string_view program, int server_major,
                                const std::string& bin_folder, const std::stop_token& stop)
{
  std::vector<ClientProgram> found;
  std::string problems;
  for (const std::string& path : candidates_for(program, bin_folder)) {
    const auto version = client_version(path, stop);
    if (version && program == "psql" && !knows_restrict(*version)) {
      const Error unsafe = require_restrict(path, *version).error();
      problems += (problems.empty() ? "" : ", ") + unsafe.message;
    } else if (version) {
      found.push_back({.path = path, .version = *version});
    } else if (version.error().code == Errc::cancelled) {
      return std::unexpected(version.error());
    } else {
      problems += (problems.empty() ? "" : ", ") + printable(version.error().message);
    }
  }
  const OlderClient older = program == "pg_dump" ? OlderClient::refused : OlderClient::last_resort;
  if (const ClientProgram* chosen = choose_client(found, server_major, older)) return chosen->path;

  std::string there;
  for (const ClientProgram& other : found) {
    there += (there.empty() ? "found " : ", ") + to_string(other.version) + " at " +
             printable(other.path);
  }
  if (found.empty())
    there = bin_folder.empty() ? "found none" : "found none in " + printable(bin_folder);
  if (!problems.empty()) there += " (" + problems + ")";
  const std::string major = std::to_string(server_major);
  const std::string need =
      older == OlderClient::refused ? " " + major + " or newer is needed for this server; " : ": ";
  return fail(Errc::invalid, std::string(program) + need + there,
              "Install it (Debian and Ubuntu: apt-get install postgresql-client-" + major +
                  ", which apt.postgresql.org has for every version), or name the folder that "
                  "holds it with --pg-bin.");
}

bool knows_restrict(const ClientVersion& version)
{
  switch (version.major) {
    case 13:
      return version.minor >= 22;
    case 14:
      return version.minor >= 19;
    case 15:
      return version.minor >= 14;
    case 16:
      return version.minor >= 10;
    case 17:
      return version.minor >= 6;
    default:
      return version.major >= 18;
  }
}

Result<> require_restrict(const std::string& psql, const ClientVersion& version)
{
  if (knows_restrict(version)) return {};
  return fail(Errc::invalid,
              printable(psql) + " is of version " + to_string(version) +
                  ", which lets a dump run commands on this machine",
              "Update PostgreSQL's client programs: psql 13.22, 14.19, 15.14, 16.10, 17.6, or "
              "any of version 18 or newer will do.");
}

std::string client_complaint(std::string_view stderr_text)
{
  std::string complaint;
  std::string last;
  while (!stderr_text.empty()) {
    const std::size_t newline = stderr_text.find('\n');
    std::string_view line = stderr_text.substr(0, newline);
    stderr_text =
        newline == std::string_view::npos ? std::string_view{} : stderr_text.substr(newline + 1);
    while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
      line.remove_suffix(1);
    if (line.empty()) continue;
    const std::string text = printable(line.substr(0, kLongestComplaintLine));
    if (complaint.empty() ? is_error_line(line) : explains(line)) {
      complaint += (complaint.empty() ? "" : "; ") + text;
    } else if (!complaint.empty() && is_error_line(line)) {
      break;  // later errors are consequences of the first
    }
    last = text;
  }
  if (!complaint.empty()) return complaint;
  return last.empty() ? "it gave no reason" : last;
}

}  // namespace ib
