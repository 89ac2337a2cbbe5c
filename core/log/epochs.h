#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/ids.h"

namespace trialog::log {

/// Where the records of an epoch end. Epoch -1: not known (SEMANTICS 4.2).
struct EpochEnd {
  Epoch epoch;
  Offset end;
};

/// At which offset each leader epoch begins: Kafka's `leader-epoch-checkpoint`.
///
/// Always true: epochs and offsets both ascend strictly.
class Epochs {
 public:
  struct Entry {
    Epoch epoch;
    Offset start;
    friend bool operator==(const Entry&, const Entry&) = default;
  };

  /// The text of the file, and what it says; or what is wrong with it.
  std::string text() const;
  static std::expected<Epochs, std::string> parse(std::string_view text);

  /// Notes that `epoch` begins at `start` if it is newer than all that are known. What lies at or
  /// behind `start` goes. True if anything changed.
  bool begin(Epoch epoch, Offset start);
  /// A batch of `epoch` begins at `offset`, somewhere in the log. True if that was not known.
  bool restore(Epoch epoch, Offset offset);
  /// Forgets epochs that begin at or behind `end`, also if that is the log's end.
  bool cut_end(Offset end);
  /// Forgets what lies wholly before `start`; the epoch that holds `start` begins there.
  bool cut_start(Offset start);

  Epoch latest() const { return entries_.empty() ? no_epoch : entries_.back().epoch; }
  Epoch at(Offset offset) const;
  EpochEnd end_of(Epoch epoch, Offset log_end) const;
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

}  // namespace trialog::log
