// SPDX-License-Identifier: Apache-2.0
// The options that limit what a command may spend in a bucket, and those for the storage classes
// and prices that the cost depends on.
#pragma once

#include "app/session.hpp"
#include "cli/option.hpp"
#include "cli/settings.hpp"

#include <string>

namespace ib {

/// --budget, for a command that reads objects, which costs money in a bucket.
Option budget_option(std::string help);
Option ask_above_option();
/// --yes. `group` is `needed` for a command that without it only shows what it would do.
Option yes_option(std::string help = "do not ask, whatever it costs",
                  OptionGroup group = OptionGroup::bucket);

/// --location and --prices, for every command that shows or limits a cost.
Options price_options();

/// The classes of new objects. --keep-last also decides the class of dumps but is not among them.
Options class_options();
Option keep_last_option(std::string help, OptionGroup group = OptionGroup::needed);
/// class_options() and --keep-last, for commands that reckon with the classes of a backup.
Options backups_class_options();

/// What a command may spend on this store, and the classes of new objects. Leaves `ask` empty.
/// `charges` is false for a folder, which costs nothing.
Result<Spending> spending_of(const Settings& settings, bool charges);

}  // namespace ib
