#pragma once

#include <string>

#include "core/node/options.h"
#include "real/console_log.h"
#include "real/serve.h"

namespace trialog::real {

/// The command line of `trialogd format`, which is that of Kafka's `kafka-storage format`.
struct FormatArguments {
  std::string cluster_id;
  std::string initial_controllers;
  bool standalone = false;
  bool no_initial_controllers = false;
  bool ignore_formatted = false;
};

/// Prepares the node's directories and says on stdout what it did, on stderr what is wrong.
ExitCode format_directories(node::Options options, const FormatArguments& arguments,
                            ConsoleLog& log);

/// Prints who leads the metadata quorum of the cluster that "host:port,..." belong to.
ExitCode print_status(const std::string& bootstrap, ConsoleLog& log);

/// Prints an id for a new cluster or directory.
ExitCode print_random_uuid(ConsoleLog& log);

}  // namespace trialog::real
