// SPDX-License-Identifier: Apache-2.0
//
// What a command may spend in a bucket, and the classes and prices that this depends on.
#pragma once

#include "app/session.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"

#include <string>

namespace ib {

/// For a command that reads objects, which costs money in a bucket.
Option budget_option(std::string help);
Option ask_above_option();
/// `group`: needed, where it also does what is only shown otherwise.
Option yes_option(std::string help = "do not ask, whatever it costs",
                  OptionGroup group = OptionGroup::bucket);

/// Location and prices, for every command that tells or limits what something costs.
Options price_options();

/// The classes of new objects, but for --keep-last, which decides that of dumps.
Options class_options();
Option keep_last_option(std::string help, OptionGroup group = OptionGroup::needed);
/// All of them as a backup is told them, for commands that reckon with its classes.
Options backups_class_options();

/// What may be spent on this store, whom to ask (`ask` is left empty), and the classes of new
/// objects. A folder charges nothing.
Result<Spending> spending_of(const Settings& settings, bool charges);

}  // namespace ib
