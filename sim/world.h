#pragma once

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "core/base/random.h"
#include "sim/event.h"
#include "sim/moment.h"
#include "sim/queue.h"
#include "sim/recorder.h"

namespace trialog::sim {

/// Virtual time, and everything that is going to happen, in one queue ordered by time; the order of
/// simultaneous events is drawn. A run is a function of the seed and of what is put in.
///
/// Every event that happens, and everything that is recorded, feeds `hash()`: two runs that differ
/// anywhere end with different hashes. Time moves only when nothing is left to happen now.
class World {
 public:
  explicit World(std::uint64_t seed);
  World(const World&) = delete;
  World& operator=(const World&) = delete;
  ~World();

  std::uint64_t seed() const { return seed_; }
  Moment now() const { return now_; }
  /// A stream of its own for each consumer of chance: the same label gives the same stream.
  Random random(std::string_view label) const { return Random(seed_).fork(label); }

  /// `event` happens at `when`, or now if that has passed. It must not be pending.
  void schedule(Event& event, Moment when);

  /// Names a happening that the world owns.
  struct Happening {
    std::uint32_t slot = 0;
    std::uint64_t sequence = 0;
  };
  Happening at(Moment when, NodeIndex node, Kind kind, std::move_only_function<void()> happen);
  Happening after(Duration delay, NodeIndex node, Kind kind,
                  std::move_only_function<void()> happen) {
    return at(now_ + delay, node, kind, std::move(happen));
  }
  /// Nothing happens if it has happened or was cancelled.
  void cancel(Happening happening);

  /// Lets the next event happen; false if there is none.
  bool step();
  /// Everything up to and including `end`; it is `end` afterwards.
  void run_until(Moment end);
  void run_for(Duration duration) { run_until(now_ + duration); }
  /// Goes on while `busy()` holds, at most until `end`; whether `busy()` came to an end.
  template <class Busy>
  bool run_while(Busy busy, Moment end = forever) {
    while (busy()) {
      if (idle() || next() > end) return false;
      step();
    }
    return true;
  }
  bool idle() const { return live_ == 0; }
  /// When the next event happens; `forever` if there is none.
  Moment next();

  /// Feeds something that happened now to the hash and the recorder.
  void record(NodeIndex node, Kind kind, std::uint64_t digest, std::string_view detail = {});
  std::uint64_t hash() const { return hash_; }
  /// How many events have been recorded.
  std::uint64_t events() const { return events_; }
  /// Null for none. Not owned. Whether there is one never changes the hash.
  void set_recorder(Recorder* recorder) { recorder_ = recorder; }

 private:
  friend class Event;
  class Call;
  void cancel(Event& event);
  void drop_cancelled();
  std::uint32_t take_slot(Event& event);

  std::uint64_t seed_;
  Random ties_;
  Moment now_ = beginning;
  Queue queue_;
  std::vector<Event*> slots_;  // Null where the event was cancelled.
  std::vector<std::uint32_t> free_slots_;
  std::size_t live_ = 0;
  std::uint64_t sequence_ = 0;
  std::uint64_t hash_;
  std::uint64_t events_ = 0;
  Recorder* recorder_ = nullptr;
};

}  // namespace trialog::sim
