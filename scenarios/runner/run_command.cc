// `trialog run` and `trialog check-determinism`.
#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>

#include "scenarios/runner/commands.h"
#include "scenarios/runner/picture.h"
#include "scenarios/runner/scenario.h"
#include "scenarios/runner/sim_backend.h"
#include "sim/replay.h"

namespace trialog::scenarios {
namespace {

int usage(const std::string& problem) {
  std::cerr << "trialog: " << problem << '\n';
  return static_cast<int>(Verdict::usage);
}

std::optional<std::string> text_of(const std::string& path) {
  std::ifstream file(path);
  if (!file) return std::nullopt;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::expected<Bugs, std::string> bugs_named(const std::vector<std::string>& names) {
  Bugs bugs;
  for (const auto& name : names) {
    const auto bug = bug_named(name);
    if (!bug) {
      std::vector<std::string> known;
      for (const auto& entry : bug_names) known.emplace_back(entry.name);
      return std::unexpected("no bug is called '" + name + "'; did you mean '" +
                             nearest(name, known) + "'?");
    }
    bugs.plant(*bug);
  }
  return bugs;
}

void print_note(const sim::Note& note) {
  const auto us = (note.at - sim::beginning) / microseconds(1);
  fmt::print("{:4}.{:06} node {} {} {}\n", us / 1'000'000, us % 1'000'000, note.node, note.kind,
             note.detail);
}

/// Puts the transcript below the story's "----".
bool rewrite(const std::string& path, const std::string& text, const Report& report) {
  auto kept = text.substr(0, text.find("\n----\n") + 1);
  if (kept.empty()) kept = text;
  std::ofstream file(path);
  file << kept << "----\n";
  for (const auto& line : report.transcript) file << line << '\n';
  return file.good();
}

/// The transcript belongs to the seed of the file and to the code without planted bugs.
void compare_transcripts(const Scenario& scenario, Report& report) {
  if (!scenario.has_transcript || scenario.transcript == report.transcript) return;
  report.raise(Verdict::safety);
  report.violations.push_back(
      {"transcript", "is not the one in the file (--rewrite takes it over)"});
}

/// A file to write to, closed at the end; none if no path was given.
using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
File opened(const std::string& path) {
  return File(path.empty() ? nullptr : std::fopen(path.c_str(), "w"), std::fclose);
}

}  // namespace

int run_command(const RunArguments& arguments) {
  const auto text = text_of(arguments.file);
  if (!text) return usage("cannot read the scenario " + arguments.file);
  const auto scenario = parse(*text);
  if (!scenario) return usage(scenario.error().at(arguments.file));
  const auto bugs = bugs_named(arguments.planted);
  if (!bugs) return usage(bugs.error());
  const auto events = opened(arguments.events_to);
  if (!arguments.events_to.empty() && !events) return usage("cannot write " + arguments.events_to);

  RunOptions options;
  options.seed = arguments.seed;
  options.planted = *bugs;
  std::optional<sim::FileRecorder> recorder;
  if (events) options.recorder = &recorder.emplace(events.get());
  std::optional<Picture> picture;
  if (!arguments.picture_to.empty()) {
    options.recorder = options.picture = &picture.emplace(scenario->title, options.recorder);
  }
  if (arguments.watch) options.heard = print_note;
  options.heard_from = Level::debug;
  const auto begin = std::chrono::steady_clock::now();
  auto report = SimBackend(*scenario, options).run();
  const auto wall = std::chrono::steady_clock::now() - begin;
  if (!report) return usage(report.error().at(arguments.file));

  if (arguments.rewrite) {
    if (!rewrite(arguments.file, *text, *report)) return usage("cannot write " + arguments.file);
  } else if (!arguments.seed && !bugs->any()) {
    compare_transcripts(*scenario, *report);
  }
  if (picture) {
    if (auto problem = picture->draw(arguments.picture_to)) return usage(*problem);
  }
  for (const auto& line : report->transcript) fmt::print("{}\n", line);
  for (const auto& [anomaly, detail] : report->violations) fmt::print("{}: {}\n", anomaly, detail);
  if (report->verdict != Verdict::holds) {
    fmt::print(
        "replay: trialog run {} --seed {}{}\n", arguments.file, report->seed,
        bugs->any() ? fmt::format(" --plant {}", fmt::join(arguments.planted, " --plant ")) : "");
  }
  fmt::print("{}\n", report->line(wall));
  return static_cast<int>(report->verdict);
}

namespace {

/// Runs `trialog run` in a process of its own; its exit code.
int run_apart(const std::string& file, std::optional<std::uint64_t> seed,
              const std::string& events) {
  const auto child = fork();
  if (child == 0) {
    RunArguments arguments;
    arguments.file = file;
    arguments.seed = seed;
    arguments.events_to = events;
    const int code = run_command(arguments);
    std::fflush(nullptr);
    _exit(code);
  }
  int status = 0;
  if (child < 0 || waitpid(child, &status, 0) != child) return static_cast<int>(Verdict::crash);
  return WIFEXITED(status) ? WEXITSTATUS(status) : static_cast<int>(Verdict::crash);
}

}  // namespace

int check_determinism_command(const std::string& file, std::optional<std::uint64_t> seed) {
  char folder[] = "/tmp/trialog-XXXXXX";
  if (mkdtemp(folder) == nullptr) return usage("cannot make a temporary folder");
  const std::string left = std::string(folder) + "/left", right = std::string(folder) + "/right";
  const int first = run_apart(file, seed, left), second = run_apart(file, seed, right);
  std::optional<sim::Divergence> divergence;
  {
    std::ifstream a(left), b(right);
    divergence = sim::first_divergence(a, b);
  }
  std::remove(left.c_str());
  std::remove(right.c_str());
  rmdir(folder);
  if (first == static_cast<int>(Verdict::usage)) return first;
  if (divergence || first != second) {
    if (divergence) fmt::print("{}", divergence->text());
    fmt::print("outcome=nondeterminism\n");
    return static_cast<int>(Verdict::nondeterminism);
  }
  fmt::print("deterministic: both runs are the same, event by event\n");
  return first;
}

}  // namespace trialog::scenarios
