#include "sim/pages.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "core/base/check.h"

namespace trialog::sim {

bool Pages::clean() const {
  return dirty_.empty() && lowest_size_ == platter_.size() && cache_.size() == platter_.size();
}

void Pages::mark(std::uint64_t begin, std::uint64_t end) {
  if (begin == end) return;
  auto range = dirty_.lower_bound(begin);
  if (range != dirty_.begin() && std::prev(range)->second >= begin) --range;
  while (range != dirty_.end() && range->first <= end) {
    begin = std::min(begin, range->first);
    end = std::max(end, range->second);
    range = dirty_.erase(range);
  }
  dirty_.emplace(begin, end);
}

void Pages::append(std::span<const std::byte> bytes) {
  mark(cache_.size(), cache_.size() + bytes.size());
  cache_.insert(cache_.end(), bytes.begin(), bytes.end());
}

void Pages::rewrite(std::uint64_t begin, std::uint64_t end) {
  end = std::min<std::uint64_t>(end, cache_.size());
  for (auto first = begin / sector * sector; first < end; first += sector) {
    const auto last = std::min<std::uint64_t>(first + sector, cache_.size());
    // The same bytes over the same bytes can't be torn.
    const bool same =
        last <= std::min<std::uint64_t>(platter_.size(), lowest_size_) &&
        std::memcmp(cache_.data() + first, platter_.data() + first, last - first) == 0;
    if (!same) mark(first, last);
  }
}

void Pages::truncate(std::uint64_t size) {
  if (size >= cache_.size()) {  // Grows by zeros, as ftruncate does.
    mark(cache_.size(), size);
    cache_.resize(size);
    return;
  }
  cache_.resize(size);
  lowest_size_ = std::min(lowest_size_, size);
  while (!dirty_.empty() && dirty_.rbegin()->second > size) {
    const auto last = std::prev(dirty_.end());
    if (last->first >= size) {
      dirty_.erase(last);
    } else {
      last->second = size;
    }
  }
}

void Pages::flush(std::uint64_t end) {
  end = std::min<std::uint64_t>(end, cache_.size());
  if (platter_.size() > lowest_size_) platter_.resize(lowest_size_);
  if (platter_.size() < end) platter_.resize(end);
  while (!dirty_.empty() && dirty_.begin()->first < end) {
    const auto first = dirty_.begin()->first;
    const auto last = dirty_.begin()->second;
    const auto until = std::min(last, end);
    std::memcpy(platter_.data() + first, cache_.data() + first, until - first);
    dirty_.erase(dirty_.begin());
    if (until < last) dirty_.emplace(until, last);
  }
  lowest_size_ = platter_.size();
}

void Pages::lose_dirty() {
  if (platter_.size() > lowest_size_) platter_.resize(lowest_size_);
  platter_.resize(cache_.size());
  dirty_.clear();
  lowest_size_ = platter_.size();
}

void Pages::append_phantom(std::span<const std::byte> bytes) {
  cache_.insert(cache_.end(), bytes.begin(), bytes.end());
}

void Pages::append_misdirected(std::span<const std::byte> bytes, std::uint64_t elsewhere) {
  const std::vector<std::byte> zeros(bytes.size());
  append(zeros);
  for (std::size_t i = 0; i < bytes.size() && elsewhere + i < cache_.size(); ++i) {
    cache_[elsewhere + i] = bytes[i];
    if (elsewhere + i < platter_.size()) platter_[elsewhere + i] = bytes[i];
  }
}

void Pages::rot(std::uint64_t at, unsigned bit) {
  if (at < cache_.size()) cache_[at] ^= std::byte{1} << bit;
  if (at < platter_.size()) platter_[at] ^= std::byte{1} << bit;
}

std::uint64_t Pages::size_after_crash(Mood mood, std::uint64_t old_size, Random& random) const {
  if (mood == Mood::lose_all || cache_.size() <= old_size) return old_size;
  if (mood == Mood::keep_all || random.below(2) == 0) return cache_.size();
  return old_size + random.below(cache_.size() - old_size + 1);
}

void Pages::settle(std::vector<std::byte> contents) {
  platter_ = std::move(contents);
  cache_ = platter_;
  dirty_.clear();
  lowest_size_ = platter_.size();
}

void Pages::crash(Random& random) {
  if (clean()) return settle(std::move(platter_));
  const auto drawn = random.below(6);
  const auto mood = drawn < 3 ? static_cast<Mood>(drawn) : Mood::each_sector;
  bool cut_kept = mood != Mood::lose_all;
  if (mood == Mood::keep_prefix || mood == Mood::each_sector) cut_kept = random.below(2) == 0;

  auto contents = platter_;
  if (cut_kept && contents.size() > lowest_size_) contents.resize(lowest_size_);
  if (mood == Mood::lose_all) return settle(std::move(contents));
  if (mood == Mood::keep_all) contents.resize(std::min(contents.size(), cache_.size()));
  contents.resize(size_after_crash(mood, contents.size(), random));

  for (const auto& [begin, end] : dirty_) {
    for (auto at = begin; at < end && at < contents.size();) {
      const auto until = std::min({end, (at / sector + 1) * sector, contents.size()});
      auto kept = until - at;
      if (mood == Mood::each_sector) {
        const auto fate = random.below(4);  // Kept, kept, old or nothing, torn.
        if (fate == 2) kept = 0;
        if (fate == 3) kept = random.below(until - at);
      }
      std::memcpy(contents.data() + at, cache_.data() + at, kept);
      at = until;
    }
  }
  settle(std::move(contents));
}

}  // namespace trialog::sim
