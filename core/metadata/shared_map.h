#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "core/base/check.h"

namespace trialog::metadata {

/// An ordered map whose copies share what they have in common. A copy costs one pointer; a change
/// clones the list of chunks and the one chunk that it touches, and only while another map shares
/// them. Made for up to some ten thousands of entries, as the topics of a cluster and the
/// partitions of a topic.
///
/// A reference or iterator holds until the next change of the map that it was taken from.
template <class Key, class Value, class Less = std::less<>>
class SharedMap {
 public:
  using value_type = std::pair<Key, Value>;

 private:
  static constexpr std::size_t chunk_limit = 32;
  using Chunk = std::vector<value_type>;
  struct Root {
    std::vector<std::shared_ptr<Chunk>> chunks;  // None is empty.
    std::size_t size = 0;
  };

 public:
  class Iterator {
   public:
    using iterator_category = std::bidirectional_iterator_tag;
    using value_type = SharedMap::value_type;
    using difference_type = std::ptrdiff_t;
    using pointer = const value_type*;
    using reference = const value_type&;

    Iterator() = default;
    reference operator*() const { return (*root_->chunks[chunk_])[at_]; }
    pointer operator->() const { return &**this; }
    Iterator& operator++() {
      if (++at_ == root_->chunks[chunk_]->size()) {
        ++chunk_;
        at_ = 0;
      }
      return *this;
    }
    Iterator operator++(int) {
      auto before = *this;
      ++*this;
      return before;
    }
    Iterator& operator--() {
      if (at_ == 0) at_ = root_->chunks[--chunk_]->size();
      --at_;
      return *this;
    }
    Iterator operator--(int) {
      auto before = *this;
      --*this;
      return before;
    }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    friend class SharedMap;
    Iterator(const Root* root, std::size_t chunk, std::size_t at)
        : root_(root), chunk_(chunk), at_(at) {}
    const Root* root_ = nullptr;
    std::size_t chunk_ = 0;
    std::size_t at_ = 0;
  };
  using iterator = Iterator;
  using const_iterator = Iterator;

  SharedMap() : root_(std::make_shared<Root>()) {}

  std::size_t size() const { return root_->size; }
  bool empty() const { return root_->size == 0; }
  Iterator begin() const { return Iterator(root_.get(), 0, 0); }
  Iterator end() const { return Iterator(root_.get(), root_->chunks.size(), 0); }

  /// The first entry whose key is not less than `key`.
  template <class K>
  Iterator lower_bound(const K& key) const {
    const auto chunk = chunk_for(key);
    if (chunk == root_->chunks.size()) return end();
    return Iterator(root_.get(), chunk, place_in(*root_->chunks[chunk], key));
  }
  template <class K>
  Iterator find(const K& key) const {
    const auto at = lower_bound(key);
    return at == end() || Less()(key, at->first) ? end() : at;
  }
  template <class K>
  bool contains(const K& key) const {
    return find(key) != end();
  }
  /// The key must be there.
  template <class K>
  const Value& at(const K& key) const {
    const auto found = find(key);
    CHECK(found != end());
    return found->second;
  }

  /// The value for changing, this map's own; made if there is none.
  Value& edit(const Key& key) {
    Root& root = own();
    if (root.chunks.empty()) {
      ++root.size;
      root.chunks.push_back(std::make_shared<Chunk>());
      return insert(*root.chunks.front(), 0, key);
    }
    const auto index = std::min(chunk_for(key), root.chunks.size() - 1);
    Chunk& chunk = own(root.chunks[index]);
    const auto at = place_in(chunk, key);
    if (at < chunk.size() && !Less()(key, chunk[at].first)) return chunk[at].second;
    ++root.size;
    if (chunk.size() < chunk_limit) return insert(chunk, at, key);
    // Whatever comes in order fills its chunks.
    const auto half = at == chunk.size() ? chunk.size() : chunk.size() / 2;
    Chunk& later = split(root, index, half);
    return at < half ? insert(chunk, at, key) : insert(later, at - half, key);
  }

  template <class K>
  void erase(const K& key) {
    if (!contains(key)) return;
    Root& root = own();
    const auto index = chunk_for(key);
    Chunk& chunk = own(root.chunks[index]);
    chunk.erase(chunk.begin() + static_cast<std::ptrdiff_t>(place_in(chunk, key)));
    --root.size;
    if (chunk.empty()) root.chunks.erase(root.chunks.begin() + static_cast<std::ptrdiff_t>(index));
  }

  friend bool operator==(const SharedMap& a, const SharedMap& b) {
    return a.root_ == b.root_ ||
           (a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin()));
  }

 private:
  /// The first chunk that ends at or behind `key`.
  template <class K>
  std::size_t chunk_for(const K& key) const {
    const auto& chunks = root_->chunks;
    const auto ends_before = [&key](const std::shared_ptr<Chunk>& chunk) {
      return Less()(chunk->back().first, key);
    };
    return static_cast<std::size_t>(
        std::partition_point(chunks.begin(), chunks.end(), ends_before) - chunks.begin());
  }
  template <class K>
  static std::size_t place_in(const Chunk& chunk, const K& key) {
    const auto before = [&key](const value_type& entry) { return Less()(entry.first, key); };
    return static_cast<std::size_t>(std::partition_point(chunk.begin(), chunk.end(), before) -
                                    chunk.begin());
  }
  static Value& insert(Chunk& chunk, std::size_t at, const Key& key) {
    if (chunk.empty()) chunk.reserve(chunk_limit);
    return chunk.emplace(chunk.begin() + static_cast<std::ptrdiff_t>(at), key, Value())->second;
  }
  /// Moves what a chunk has from `half` on to a new one behind it.
  static Chunk& split(Root& root, std::size_t index, std::size_t half) {
    auto& chunk = *root.chunks[index];
    const auto middle = chunk.begin() + static_cast<std::ptrdiff_t>(half);
    auto later = std::make_shared<Chunk>();
    later->reserve(chunk_limit);
    later->assign(std::move_iterator(middle), std::move_iterator(chunk.end()));
    chunk.erase(middle, chunk.end());
    const auto behind = root.chunks.begin() + static_cast<std::ptrdiff_t>(index) + 1;
    return **root.chunks.insert(behind, std::move(later));
  }

  Root& own() {
    if (root_.use_count() != 1) root_ = std::make_shared<Root>(*root_);
    return *root_;
  }
  static Chunk& own(std::shared_ptr<Chunk>& chunk) {
    if (chunk.use_count() != 1) chunk = std::make_shared<Chunk>(*chunk);
    return *chunk;
  }

  std::shared_ptr<Root> root_;  // Never changed while it is shared, as its chunks.
};

}  // namespace trialog::metadata
