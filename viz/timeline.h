#pragma once

#include <map>
#include <string>
#include <vector>

#include "core/base/time.h"

namespace trialog::viz {

enum class Tone { plain, work, fault, trouble };

/// Something that happened in one lane of a picture.
struct Mark {
  Duration at{0};
  std::string lane;
  std::string label;
  Tone tone = Tone::plain;
};

/// A run as a picture: a lane for each node, time going down, what happened as boxes on the lanes.
/// Marks of one lane that say the same right after each other are drawn once, with their number.
class Timeline {
 public:
  Timeline(std::string title, std::vector<std::string> lanes)
      : title_(std::move(title)), lanes_(std::move(lanes)) {}

  /// One more lane, right of the others; nothing happens if there is one of that name.
  void add_lane(const std::string& lane);
  /// The lane must be one of those there are. In any order of time.
  void add(Mark mark) { marks_.emplace(mark.at, std::move(mark)); }
  /// A graph in the language of Graphviz whose places are fixed: for `neato -n2`. At most `rows`
  /// rows; what is left out is said in the last one.
  std::string dot(std::size_t rows = 60) const;

 private:
  struct Row {
    Mark mark;
    std::size_t times = 1;
    Duration until{0};
  };
  std::vector<Row> merged() const;

  std::string title_;
  std::vector<std::string> lanes_;
  std::multimap<Duration, Mark> marks_;  // By time, then by arrival.
};

}  // namespace trialog::viz
