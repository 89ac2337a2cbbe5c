// `trialog`, the testbed's command line.
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "scenarios/runner/commands.h"
#include "scenarios/runner/outcome.h"

namespace {

/// A broken `CHECK` or a fault of memory is an outcome of its own.
void on_crash(int signal) {
  char line[] = "outcome=crash signal=00\n";
  line[21] = static_cast<char>('0' + signal / 10 % 10);
  line[22] = static_cast<char>('0' + signal % 10);
  [[maybe_unused]] const auto written = write(STDOUT_FILENO, line, sizeof line - 1);
  _exit(static_cast<int>(trialog::scenarios::Verdict::crash));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace trialog::scenarios;
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, on_crash);

  CLI::App app("Runs failure scenarios against Trialog, bit-exact from a seed.");
  app.require_subcommand(1);

  RunArguments run;
  auto* run_app = app.add_subcommand("run", "Run a scenario in the simulator");
  run_app->add_option("scenario", run.file, "A .scenario file")->required();
  run_app->add_option("--seed", run.seed, "Instead of the scenario's own seed");
  run_app->add_option("--plant", run.planted, "A historical bug to bring back, by name");
  run_app->add_option("--events-to", run.events_to, "Write every event of the run to this file");
  run_app->add_option("--svg", run.picture_to, "Draw the run into this file (needs Graphviz)");
  run_app->add_flag("--rewrite", run.rewrite, "Put the transcript into the scenario's file");
  run_app->add_flag("--watch", run.watch, "Print what the nodes say as it happens");

  std::string file;
  std::optional<std::uint64_t> seed;
  auto* check_app = app.add_subcommand(
      "check-determinism", "Run a scenario twice and name the first event that differs");
  check_app->add_option("scenario", file, "A .scenario file")->required();
  check_app->add_option("--seed", seed, "Instead of the scenario's own seed");

  std::string message, version, text;
  auto* decode_app = app.add_subcommand("decode", "Print a Kafka message as JSON; - reads lines");
  decode_app->add_option("message", message, "Its name, such as FetchRequest, or -")->required();
  decode_app->add_option("version", version);
  decode_app->add_option("hex", text);
  auto* encode_app = app.add_subcommand("encode", "The reverse of decode");
  encode_app->add_option("message", message, "Its name, such as FetchRequest, or -")->required();
  encode_app->add_option("version", version);
  encode_app->add_option("json", text);

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(Verdict::usage);
  }
  if (*run_app) return run_command(run);
  if (*check_app) return check_determinism_command(file, seed);
  if (*decode_app) return decode_command(message, version, text);
  return encode_command(message, version, text);
}
