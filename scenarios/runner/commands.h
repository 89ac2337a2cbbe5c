#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace trialog::scenarios {

/// What was given on the command line of `trialog run`.
struct RunArguments {
  std::string file;
  std::optional<std::uint64_t> seed;
  std::vector<std::string> planted;
  std::string events_to;   // A file for every event of the run, one a line.
  std::string picture_to;  // An SVG of the run.
  bool rewrite = false;    // Put the transcript into the scenario.
  bool watch = false;      // Print what the nodes say.
};

/// Each runs one command of `trialog` and returns its exit code (testbed's table: outcome.h).
int run_command(const RunArguments& arguments);
/// Runs the scenario twice in processes of their own, and names the first event that differs.
int check_determinism_command(const std::string& file, std::optional<std::uint64_t> seed);
/// `hex` or `json` given: one message; all three "-": lines of tab-separated triples from stdin.
int decode_command(const std::string& message, const std::string& version, const std::string& hex);
int encode_command(const std::string& message, const std::string& version, const std::string& json);

}  // namespace trialog::scenarios
