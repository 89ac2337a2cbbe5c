#pragma once

#include <cstdint>
#include <deque>
#include <span>

#include "core/base/bytes.h"
#include "core/env/wait.h"
#include "sim/world.h"

namespace trialog::sim {

/// One direction of a connection: what is on its way, and what has arrived and is not yet read.
/// Plain state; `Channel` moves it.
class Pipe {
 public:
  enum class What { data, end, reset };
  struct Piece {
    Moment at;
    What what = What::data;
    Bytes bytes;
  };

  // On its way, in order of arrival.
  std::deque<Piece> flight;
  Moment last_at = beginning;
  std::uint64_t position = 0;   // Bytes sent so far.
  std::size_t outstanding = 0;  // Bytes sent and not yet known to have been read.
  bool finished = false;        // Nothing may be sent any more.

  // Arrived.
  std::deque<Bytes> arrived;
  std::size_t arrived_size = 0;
  std::size_t consumed = 0;  // Read, and the sender has not been told yet.
  bool ended = false;        // The end of the stream is behind what has arrived.
  bool broken = false;       // A reset is.
  bool reader_gone = false;

  RunnableList reader, writer;  // The tasks that wait, at most one each.

  void arrive(Bytes bytes) {
    if (bytes.empty()) return;
    arrived_size += bytes.size();
    arrived.push_back(std::move(bytes));
  }
  /// Moves what has arrived to `into`, as much as fits; how much that was.
  std::size_t take(std::span<std::byte> into);
};

/// Suspends the task until the list's owner wakes it.
class Parked {
 public:
  Parked(RunnableList& list, std::string_view name) : list_(list), waiter_(name) {}
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> task) {
    waiter_.suspend(task);
    list_.push_back(waiter_);
  }
  void await_resume() const noexcept {}

 private:
  RunnableList& list_;
  Waiter waiter_;
};

}  // namespace trialog::sim
