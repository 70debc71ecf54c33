// SPDX-License-Identifier: Apache-2.0
//
// The address of a database. What is passed on to PostgreSQL's programs is whole, and a message
// names no password.
#include "fuzz/fuzz.hpp"
#include "postgres/address.hpp"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
  using namespace ib;
  const Result<DatabaseAddress> address = parse_database_url(fuzz::text_of_input(data, size));
  if (!address) {
    fuzz::require_safe_to_show(address.error());
    return 0;
  }
  for (const auto& [name, value] : client_environment(*address))
    fuzz::require(!name.contains('\0') && !value.contains('\0') && !name.contains('='),
                  "the environment holds a setting as a whole");
  fuzz::require(!libpq_keywords(*address).empty(), "libpq gets settings");
  fuzz::require_safe_to_show(describe(*address));
  DatabaseAddress other = *address;
  other.password = "another";
  fuzz::require(describe(other) == describe(*address), "a message names no password");
  return 0;
}
