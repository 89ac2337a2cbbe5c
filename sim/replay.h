#pragma once

#include <cstdio>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "sim/recorder.h"

namespace trialog::sim {

/// "17 0.000250000 node 2 net.deliver 00000000000000ff detail": one event as one line of text.
std::string line_of(const Happened& event);

/// Writes one line for each event to a file that somebody else opened and will close.
class FileRecorder : public Recorder {
 public:
  explicit FileRecorder(std::FILE* file) : file_(file) {}
  void on_event(const Happened& event) override;

 private:
  std::FILE* file_;
};

/// Keeps the lines, for short runs.
class MemoryRecorder : public Recorder {
 public:
  void on_event(const Happened& event) override { lines_.push_back(line_of(event)); }
  const std::vector<std::string>& lines() const { return lines_; }
  std::string text() const;

 private:
  std::vector<std::string> lines_;
};

/// Where two runs part.
struct Divergence {
  std::uint64_t event = 0;          // Its number; the first is 1.
  std::string left, right;          // Empty where that run had ended.
  std::vector<std::string> before;  // The last events that both have.

  /// Several lines for people: what both did last, and what each did then.
  std::string text() const;
};

/// Compares two recorded runs line by line, in memory that does not grow with them. Nothing if they
/// are the same.
std::optional<Divergence> first_divergence(std::istream& left, std::istream& right);

}  // namespace trialog::sim
