#include "core/client/room.h"

#include "core/base/check.h"

namespace trialog::client {

Room::Place::~Place() {
  room_.queue_.erase(at_);
  room_.freed_.raise();  // There is a new first.
}

bool Room::try_take(std::size_t bytes) {
  if (awaited() || bytes > total_ - taken_) return false;
  taken_ += bytes;
  return true;
}

Task<bool> Room::freed() {
  co_await freed_.wait();
  co_return true;
}

Task<bool> Room::take(std::size_t bytes, Instant deadline) {
  Place place(*this);
  while (!place.first() || bytes > total_ - taken_) {
    auto waiting = within(executor_, clock_, deadline, freed());
    auto woken = co_await waiting;
    if (!woken) co_return false;
  }
  taken_ += bytes;
  co_return true;
}

void Room::give_back(std::size_t bytes) {
  CHECK(bytes <= taken_);
  taken_ -= bytes;
  freed_.raise();
}

}  // namespace trialog::client
