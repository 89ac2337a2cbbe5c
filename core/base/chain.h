#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "core/base/bytes.h"

namespace trialog {

class File;

/// A part of a file that is to be sent as it stands when it leaves. The file's bytes in this range
/// must not change until then.
class FileRange {
 public:
  FileRange(std::shared_ptr<File> file, std::uint64_t at, std::size_t size)
      : file_(std::move(file)), at_(at), size_(size) {}
  File& file() const { return *file_; }
  std::uint64_t at() const { return at_; }
  std::size_t size() const { return size_; }

 private:
  std::shared_ptr<File> file_;
  std::uint64_t at_;
  std::size_t size_;
};

/// Bytes to be sent or written one after the other, gathered rather than copied together. A piece
/// may be a range of a file, which the real network hands to the kernel (`sendfile`) and the
/// simulated one reads.
class Chain {
 public:
  using Piece = std::variant<Bytes, FileRange>;

  Chain() = default;
  explicit Chain(Bytes bytes) { append(std::move(bytes)); }
  void append(Bytes bytes) {
    if (bytes.empty()) return;
    size_ += bytes.size();
    pieces_.emplace_back(std::move(bytes));
  }
  void append(FileRange range) {
    if (range.size() == 0) return;
    size_ += range.size();
    pieces_.emplace_back(std::move(range));
  }
  void append(Chain chain) {
    size_ += chain.size_;
    for (auto& piece : chain.pieces_) pieces_.push_back(std::move(piece));
  }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::span<const Piece> pieces() const { return pieces_; }

 private:
  std::vector<Piece> pieces_;
  std::size_t size_ = 0;
};

}  // namespace trialog
