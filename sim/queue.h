#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace trialog::sim {

/// A 4-ary heap of what is to come, in order of time, then of the drawn tie-break, then of arrival.
/// Four children per parent because they share a cache line or two, and the heap is half as deep.
class Queue {
 public:
  /// Time, tie-break and the low half of the sequence in one number, so that they are compared at
  /// once and without a branch; the heap does little else.
  struct Entry {
    Entry(std::int64_t at, std::uint32_t tie, std::uint32_t in_slot, std::uint64_t sequence)
        : high(static_cast<std::uint64_t>(at)),
          low(static_cast<std::uint64_t>(tie) << 32 | (sequence & 0xffffffff)),
          slot(in_slot) {}

    std::int64_t at() const { return static_cast<std::int64_t>(high); }
    bool before(const Entry& other) const {
      const auto key = static_cast<unsigned __int128>(high) << 64 | low;
      return key < (static_cast<unsigned __int128>(other.high) << 64 | other.low);
    }

    std::uint64_t high;  // Times are never negative.
    std::uint64_t low;
    std::uint32_t slot;
  };

  bool empty() const { return heap_.empty(); }
  std::size_t size() const { return heap_.size(); }
  const Entry& top() const { return heap_.front(); }

  void push(const Entry& entry) {
    heap_.push_back(entry);
    rise(heap_.size() - 1, entry);
  }

  void pop() {
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) rise(fall(), last);
  }

  /// Takes out every entry for which `gone(slot)` holds. Costs as much as the heap is long.
  template <class Gone>
  void sweep(Gone gone) {
    std::erase_if(heap_, [&](const Entry& entry) { return gone(entry.slot); });
    for (std::size_t i = heap_.size() / 4 + 1; i-- > 0;) {
      if (i < heap_.size()) sink(i, Entry(heap_[i]));
    }
  }

 private:
  /// Moves the hole at the top down to a leaf. What fills it came from the bottom and will hardly
  /// rise, so not comparing it on the way down saves a branch a level that can't be predicted.
  std::size_t fall() {
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (std::size_t first = 1; first < size; first = 4 * hole + 1) {
      const std::size_t least = least_of(first, first + 4 < size ? first + 4 : size);
      heap_[hole] = heap_[least];
      hole = least;
    }
    return hole;
  }

  std::size_t least_of(std::size_t first, std::size_t end) const {
    std::size_t least = first;
    for (std::size_t child = first + 1; child < end; ++child) {
      least = heap_[child].before(heap_[least]) ? child : least;
    }
    return least;
  }

  void rise(std::size_t hole, const Entry& entry) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 4;
      if (!entry.before(heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = entry;
  }

  void sink(std::size_t hole, const Entry& entry) {
    const std::size_t size = heap_.size();
    for (;;) {
      const std::size_t first = 4 * hole + 1;
      if (first >= size) break;
      const std::size_t end = first + 4 < size ? first + 4 : size;
      const std::size_t least = least_of(first, end);
      if (!heap_[least].before(entry)) break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = entry;
  }

  std::vector<Entry> heap_;
};

}  // namespace trialog::sim
