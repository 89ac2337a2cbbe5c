#include "sim/world.h"

#include <algorithm>
#include <bit>
#include <memory>

#include "core/base/bytes.h"
#include "core/base/check.h"
#include "core/base/crc32c.h"

namespace trialog::sim {
namespace {

std::uint64_t stir(std::uint64_t hash, std::uint64_t value) {
  return (std::rotl(hash, 23) ^ value) * 0x9E3779B97F4A7C15ull;
}

}  // namespace

std::uint64_t digest(std::span<const std::byte> bytes) {
  return static_cast<std::uint64_t>(bytes.size()) << 32 | crc32c(bytes);
}

std::uint64_t digest(std::string_view text) { return digest(as_bytes(text)); }

void Event::cancel() {
  if (world_ != nullptr) world_->cancel(*this);
}

/// A happening that the world owns.
class World::Call : public Event {
 public:
  Call(NodeIndex node, Kind kind, std::move_only_function<void()> call)
      : Event(node, kind), call_(std::move(call)) {}
  void happen() override {
    const std::unique_ptr<Call> self(this);
    call_();
  }

 private:
  std::move_only_function<void()> call_;
};

World::World(std::uint64_t seed)
    : seed_(seed), ties_(random("ties")), hash_(stir(0xcbf29ce484222325ull, seed)) {}

World::~World() {
  for (Event* event : slots_) {
    if (event == nullptr) continue;
    event->world_ = nullptr;
    if (event->owned_by_world_) delete event;
  }
}

std::uint32_t World::take_slot(Event& event) {
  if (free_slots_.empty()) {
    slots_.push_back(&event);
    return static_cast<std::uint32_t>(slots_.size() - 1);
  }
  const auto slot = free_slots_.back();
  free_slots_.pop_back();
  slots_[slot] = &event;
  return slot;
}

void World::schedule(Event& event, Moment when) {
  CHECK(!event.pending());
  event.world_ = this;
  event.slot_ = take_slot(event);
  event.sequence_ = ++sequence_;
  ++live_;
  const auto tie = static_cast<std::uint32_t>(ties_.next() >> 32);
  const auto at = std::max(when, now_).time_since_epoch().count();
  queue_.push(Queue::Entry(at, tie, event.slot_, event.sequence_));
}

World::Happening World::at(Moment when, NodeIndex node, Kind kind,
                           std::move_only_function<void()> happen) {
  auto call = std::make_unique<Call>(node, kind, std::move(happen));
  call->owned_by_world_ = true;
  schedule(*call, when);
  const Call& scheduled = *call.release();
  return {scheduled.slot_, scheduled.sequence_};
}

void World::cancel(Happening happening) {
  if (happening.slot >= slots_.size()) return;
  Event* event = slots_[happening.slot];
  if (event == nullptr || event->sequence_ != happening.sequence) return;
  CHECK(event->owned_by_world_);
  delete event;
}

void World::cancel(Event& event) {
  // The queue's entry stays until it comes up, or until half of the entries are such.
  slots_[event.slot_] = nullptr;
  event.world_ = nullptr;
  --live_;
  if (queue_.size() < 1024 || live_ > queue_.size() / 2) return;
  queue_.sweep([&](std::uint32_t slot) {
    if (slots_[slot] != nullptr) return false;
    free_slots_.push_back(slot);
    return true;
  });
}

void World::drop_cancelled() {
  while (!queue_.empty() && slots_[queue_.top().slot] == nullptr) {
    free_slots_.push_back(queue_.top().slot);
    queue_.pop();
  }
}

Moment World::next() {
  drop_cancelled();
  return queue_.empty() ? forever : Moment(Duration(queue_.top().at()));
}

bool World::step() {
  drop_cancelled();
  if (queue_.empty()) return false;
  const auto entry = queue_.top();
  queue_.pop();
  now_ = Moment(Duration(entry.at()));
  Event& event = *slots_[entry.slot];
  slots_[entry.slot] = nullptr;
  free_slots_.push_back(entry.slot);
  event.world_ = nullptr;
  --live_;
  record(event.node_, event.kind_, event.sequence_);
  event.happen();
  return true;
}

void World::run_until(Moment end) {
  while (next() <= end) step();
  now_ = std::max(now_, end);
}

void World::record(NodeIndex node, Kind kind, std::uint64_t digest, std::string_view detail) {
  ++events_;
  const auto at = static_cast<std::uint64_t>(now_.time_since_epoch().count());
  hash_ = stir(stir(hash_, at ^ std::rotl(kind.hash(), 32)), digest + node);
  if (recorder_ != nullptr) {
    recorder_->on_event({events_, now_, node, kind.name(), digest, detail});
  }
}

}  // namespace trialog::sim
