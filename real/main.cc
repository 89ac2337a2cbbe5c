#include <fmt/format.h>
#include <malloc.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "real/options_file.h"
#include "real/serve.h"
#include "real/small_blocks.h"
#include "real/tools.h"

namespace {

using namespace trialog;
using real::ExitCode;

struct Arguments {
  std::string config;
  std::vector<std::string> overrides;
  std::string ready_file;
  std::string log_level = "info";
  bool lenient = false;
  bool format = false;
  bool random_uuid = false;
  std::string status_of;
  real::FormatArguments formatting;
};

/// One loop allocates nearly everything, so one arena does; and what it frees it soon wants again,
/// so blocks of a request's size come from it instead of from a mapping each.
void tune_memory() {
  ::mallopt(M_ARENA_MAX, 1);
  ::mallopt(M_MMAP_THRESHOLD, 8 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

/// A descriptor each for thousands of connections and segments: as many as the system lets us.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

void complain(std::string_view text) { fmt::print(stderr, "trialogd: {}\n", text); }

/// As `kafka-storage` has them.
void describe_tools(CLI::App& app, Arguments& arguments) {
  auto* format = app.add_subcommand("format", "Prepare the log directories of a new node");
  format->fallthrough();
  format->parse_complete_callback([&arguments] { arguments.format = true; });
  auto& chosen = arguments.formatting;
  format->add_option("-c", arguments.config, "As --config")->type_name("FILE");
  format->add_option("-t,--cluster-id", chosen.cluster_id, "The id that all nodes share")
      ->required();
  format->add_flag("-g,--ignore-formatted", chosen.ignore_formatted,
                   "Leave directories alone that are formatted already");
  auto* first = format->add_option_group("voters", "Who votes first (KIP-853)");
  first->add_flag("-s,--standalone", chosen.standalone, "This controller alone");
  first->add_flag("-N,--no-initial-controllers", chosen.no_initial_controllers,
                  "Nobody: this node joins others");
  first->add_option("-I,--initial-controllers", chosen.initial_controllers,
                    "The same on every node: id@host:port:directory,...");
  first->require_option(0, 1);
  auto* status = app.add_subcommand("status", "Print who leads a cluster's metadata quorum");
  status->add_option("-b,--bootstrap", arguments.status_of, "host:port,... of its nodes")
      ->required();
  auto* uuid = app.add_subcommand("random-uuid", "Print an id for a new cluster");
  uuid->parse_complete_callback([&arguments] { arguments.random_uuid = true; });
}

void describe(CLI::App& app, Arguments& arguments) {
  app.add_option("--config", arguments.config, "Settings, as Kafka's server.properties holds them")
      ->type_name("FILE");
  app.add_option("--override", arguments.overrides, "A setting that counts more than the file's")
      ->type_name("KEY=VALUE")
      ->take_all()
      ->expected(1)
      ->allow_extra_args(false);
  app.add_option("--ready-file", arguments.ready_file,
                 "Gets host:port of the first listener once requests are served")
      ->type_name("FILE");
  app.add_flag("--lenient-config", arguments.lenient,
               "Warn of settings that Kafka does not know, instead of refusing them");
  app.add_option("--log-level", arguments.log_level, "The least important lines to log")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  describe_tools(app, arguments);
  app.set_version_flag("--version", "trialogd 0.1.0");
}

/// The file's settings under the overrides; nothing, and the reason on stderr, if they can't be
/// read.
std::optional<metadata::Settings> settings_of(const Arguments& arguments, Trace& log) {
  metadata::Settings settings;
  if (!arguments.config.empty()) {
    auto file = real::read_properties(arguments.config);
    if (!file) return complain(file.error()), std::nullopt;
    for (const auto& warning : file->warnings) log.note(Level::warn, "config", warning);
    settings = std::move(file->settings);
  }
  for (const auto& text : arguments.overrides) {
    auto added = real::add_override(settings, text);
    if (!added) return complain("--override " + added.error()), std::nullopt;
  }
  return settings;
}

ExitCode run(const Arguments& arguments) {
  real::ConsoleLog log(real::level_named(arguments.log_level).value_or(Level::info));
  if (!arguments.status_of.empty()) return real::print_status(arguments.status_of, log);
  if (arguments.random_uuid) return real::print_random_uuid(log);
  const auto settings = settings_of(arguments, log);
  if (!settings) return ExitCode::usage;
  auto parsed = node::parse(*settings, arguments.lenient);
  for (const auto& remark : parsed.remarks) log.note(remark.level, "config", remark.text);
  for (const auto& problem : parsed.problems) complain(problem);
  if (!parsed.options) return ExitCode::usage;
  real::fill_hosts(*parsed.options);
  if (arguments.format) {
    return real::format_directories(std::move(*parsed.options), arguments.formatting, log);
  }
  raise_descriptor_limit();
  return real::serve(std::move(*parsed.options), arguments.ready_file, log);
}

}  // namespace

int main(int argc, char** argv) {
  real::keep_small_blocks();
  tune_memory();
  CLI::App app("A Kafka broker");
  Arguments arguments;
  describe(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(ExitCode::usage);
  }
  return static_cast<int>(run(arguments));
}
