#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace trialog::sim {

/// A 4-ary heap of what is to come, in order of time, then of the drawn tie-break, then of arrival.
/// Four children per parent because they share a cache line or two, and the heap is half as deep.
class Queue {
 public:
  struct Entry {
    std::int64_t at;
    std::uint32_t tie;
    std::uint32_t slot;
    std::uint64_t sequence;

    bool before(const Entry& other) const {
      if (at != other.at) return at < other.at;
      if (tie != other.tie) return tie < other.tie;
      return sequence < other.sequence;
    }
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
    if (!heap_.empty()) sink(0, last);
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
      std::size_t least = first;
      for (std::size_t child = first + 1; child < end; ++child) {
        if (heap_[child].before(heap_[least])) least = child;
      }
      if (!heap_[least].before(entry)) break;
      heap_[hole] = heap_[least];
      hole = least;
    }
    heap_[hole] = entry;
  }

  std::vector<Entry> heap_;
};

}  // namespace trialog::sim
