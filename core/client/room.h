#pragma once

#include <cstddef>
#include <list>

#include "core/env/wait.h"

namespace trialog::client {

/// A number of bytes that records may take. Who must wait for room gets it in order of coming.
class Room {
 public:
  Room(Executor& executor, Clock& clock, std::size_t bytes)
      : executor_(executor), clock_(clock), total_(bytes), freed_(executor) {}

  std::size_t total() const { return total_; }
  std::size_t taken() const { return taken_; }
  bool awaited() const { return !queue_.empty(); }

  /// False, at once, if there is too little or others wait.
  bool try_take(std::size_t bytes);
  /// Waits for it; false at `deadline`. More than `total()` never comes free.
  Task<bool> take(std::size_t bytes, Instant deadline);
  void give_back(std::size_t bytes);

 private:
  /// A place in the queue, left when its owner goes, cancelled or not.
  class Place {
   public:
    explicit Place(Room& room) : room_(room), at_(room.queue_.insert(room.queue_.end(), 0)) {}
    Place(const Place&) = delete;
    ~Place();
    bool first() const { return at_ == room_.queue_.begin(); }

   private:
    Room& room_;
    std::list<char>::iterator at_;
  };
  Task<bool> freed();

  Executor& executor_;
  Clock& clock_;
  std::size_t total_;
  std::size_t taken_ = 0;
  std::list<char> queue_;
  Signal freed_;
};

}  // namespace trialog::client
