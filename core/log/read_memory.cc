#include "core/log/read_memory.h"

namespace trialog::log {
namespace {

/// Pieces above `small` are all of the size `large`, if they fit, and kept for the next reader: the
/// system takes longer to make a piece than to fill it.
constexpr std::size_t small = 128u << 10;
constexpr std::size_t large = (1u << 20) + (64u << 10);
constexpr std::size_t most_spare = 4;

}  // namespace

std::shared_ptr<std::byte[]> ReadMemory::take(std::size_t size) {
  const bool shared = size > small && size <= large;
  if (shared) size = large;
  if (pool_->out + size > pool_->limit) return nullptr;
  pool_->out += size;
  std::unique_ptr<std::byte[]> piece;
  if (shared && !pool_->spare.empty()) {
    piece = std::move(pool_->spare.back());
    pool_->spare.pop_back();
  } else {
    piece = std::make_unique_for_overwrite<std::byte[]>(size);
  }
  const auto give_back = [pool = pool_, size, shared](std::byte* bytes) {
    std::unique_ptr<std::byte[]> back(bytes);
    pool->out -= size;
    if (shared && pool->spare.size() < most_spare) pool->spare.push_back(std::move(back));
  };
  return std::shared_ptr<std::byte[]>(piece.release(), give_back);
}

}  // namespace trialog::log
