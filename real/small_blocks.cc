#include "real/small_blocks.h"

#include <malloc.h>

#include <cstddef>
#include <cstdlib>
#include <new>

namespace trialog::real {

void keep_small_blocks() {}

}  // namespace trialog::real

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define TRIALOG_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define TRIALOG_SANITIZED
#endif
#endif

#ifndef TRIALOG_SANITIZED

namespace {

constexpr std::size_t step = 64;
constexpr std::size_t largest = 1024;
constexpr std::size_t most_spare = 4u << 20;  // Bytes of one size in one thread.

struct Block {
  Block* next;
};

/// By size in steps. A block may come to another thread's list than it was taken from; so that such
/// a list does not grow for ever, it is bounded.
thread_local Block* spare[largest / step + 1];
thread_local std::size_t spares[largest / step + 1];

std::size_t steps(std::size_t size) { return size == 0 ? 1 : (size + step - 1) / step; }

void put_back(void* at, std::size_t index) {
  if (spares[index] * index * step >= most_spare) return std::free(at);
  ++spares[index];
  auto* block = static_cast<Block*>(at);
  block->next = spare[index];
  spare[index] = block;
}

}  // namespace

void* operator new(std::size_t size) {
  if (size <= largest) {
    const auto index = steps(size);
    if (auto* block = spare[index]) {
      spare[index] = block->next;
      --spares[index];
      return block;
    }
    size = index * step;
  }
  if (auto* fresh = std::malloc(size)) return fresh;
  throw std::bad_alloc();
}

void operator delete(void* at, std::size_t size) noexcept {
  if (at == nullptr) return;
  if (size > largest) return std::free(at);
  put_back(at, steps(size));
}

/// For those who don't know the size. What malloc had to round up counts as the smaller size.
void operator delete(void* at) noexcept {
  if (at == nullptr) return;
  const auto size = ::malloc_usable_size(at);
  if (size >= largest + step) return std::free(at);
  put_back(at, size / step);
}

#endif
