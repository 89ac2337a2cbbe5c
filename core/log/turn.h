#pragma once

#include <utility>

#include "core/log/directory_state.h"

namespace trialog::log {

/// The right to change what is in a log, beyond appending: retention, truncation, repair. One has
/// it at a time; destroying it gives it back. Taken with `PartitionLog::take_turn`; who has it
/// looks once more whether the log has failed.
class PartitionLog::Turn {
 public:
  explicit Turn(PartitionLog& log) : log_(&log) { log.reshaping_ = true; }
  Turn(Turn&& other) noexcept : log_(std::exchange(other.log_, nullptr)) {}
  Turn& operator=(Turn&&) = delete;
  ~Turn() {
    if (!log_) return;
    log_->reshaping_ = false;
    log_->truncating_ = false;
    log_->directory_->committer().wake_idle();
  }

 private:
  PartitionLog* log_;
};

}  // namespace trialog::log
