#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "core/base/random.h"

namespace trialog::sim {

inline constexpr std::uint64_t sector = 512;

/// The bytes of one file, twice: as the page cache has them, which is what reads see, and as the
/// platter has them. What differs is dirty until it is flushed.
class Pages {
 public:
  std::uint64_t size() const { return cache_.size(); }
  std::span<const std::byte> view() const { return cache_; }
  bool clean() const;

  void append(std::span<const std::byte> bytes);
  void truncate(std::uint64_t size);
  /// Writes what the cache has in this range once more: where the platter differs it is dirty
  /// again.
  void rewrite(std::uint64_t begin, std::uint64_t end);
  /// The platter gets what is dirty below `end`, which is the size when the sync began.
  void flush(std::uint64_t end);

  /// A failed sync as Linux has it: what is dirty never reaches the platter, yet counts as clean.
  void lose_dirty();
  /// A write that is said done and never was: the cache has it, the platter never will.
  void append_phantom(std::span<const std::byte> bytes);
  /// A write that landed at `elsewhere` instead; its own place holds zeros.
  void append_misdirected(std::span<const std::byte> bytes, std::uint64_t elsewhere);
  /// One bit turns, in the cache and on the platter.
  void rot(std::uint64_t at, unsigned bit);

  /// The power goes. Of each dirty sector the new contents are there, or the old, or nothing, or a
  /// part of the new ones; the size is any that the writes may have left. Cache and platter are
  /// the same afterwards. What was flushed stays.
  void crash(Random& random);

 private:
  enum class Mood { keep_all, lose_all, keep_prefix, each_sector };
  void mark(std::uint64_t begin, std::uint64_t end);
  std::uint64_t size_after_crash(Mood mood, std::uint64_t old_size, Random& random) const;
  void settle(std::vector<std::byte> contents);

  std::vector<std::byte> cache_;
  std::vector<std::byte> platter_;
  std::map<std::uint64_t, std::uint64_t> dirty_;  // Begin and end of ranges that do not touch.
  std::uint64_t lowest_size_ = 0;  // Since the last flush: the platter is stale behind it.
};

}  // namespace trialog::sim
