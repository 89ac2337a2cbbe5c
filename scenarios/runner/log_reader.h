#pragma once

#include <string>
#include <vector>

#include "scenarios/runner/checks/view.h"
#include "sim/volume.h"

namespace trialog::scenarios {

/// Reads the batches of one partition's log out of a simulated disk, beside the node that wrote
/// them, so that no bug of the node's own reading can hide anything. Goes on where it stopped.
class LogReader {
 public:
  /// `volume` must outlive it.
  LogReader(sim::Volume& volume, std::string directory)
      : volume_(volume), directory_(std::move(directory)) {}

  /// The batches from the one that holds `from`, up to `end`. Stops early where they do not follow
  /// each other, or where one is damaged.
  std::vector<BatchView> batches(Offset from, Offset end);

 private:
  /// Goes to the beginning of the segment that holds `from`; false if there is none.
  bool seek(Offset from);
  /// Of the segment behind the one that we are in.
  bool next_segment();

  sim::Volume& volume_;
  std::string directory_;
  std::shared_ptr<sim::Inode> segment_;
  Offset segment_base_;
  Offset next_;
  std::size_t position_ = 0;
};

}  // namespace trialog::scenarios
