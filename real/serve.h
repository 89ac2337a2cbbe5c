#pragma once

#include <string>

#include "core/node/options.h"
#include "real/console_log.h"

namespace trialog::real {

/// What a process ends with.
enum class ExitCode { clean = 0, failed = 1, usage = 2 };

/// Runs one broker on this machine until SIGTERM or SIGINT ask for its end, or it can't go on. Once
/// requests are served, `ready_file` (unless empty) appears with "host:port" of the first listener;
/// one that was there before is removed at the beginning. Says on stderr why it failed.
ExitCode serve(node::Options options, std::string ready_file, ConsoleLog& log);

/// Advertised listeners without a host get this machine's name, or "localhost" if it has none that
/// resolves.
void fill_hosts(node::Options& options);

}  // namespace trialog::real
