#pragma once

#include <memory>
#include <optional>

#include "core/env/disk.h"
#include "core/log/batch_header.h"

namespace trialog::log {

/// Reads the batches of a segment's file one after the other, through a window of fixed size,
/// however large they say they are.
class BatchScanner {
 public:
  /// Whether to read only the headers or to check each batch's CRC too.
  enum class Check { headers, contents };

  /// From the batch that begins at `from` up to those that begin before `end`.
  BatchScanner(std::shared_ptr<File> file, std::uint64_t from, std::uint64_t end, Check check);

  /// The first batch must not begin before `first`.
  void expect(Offset first) { last_end_ = first; }
  /// The next batch; nothing behind the last one; `corrupt` if what is there is no whole batch that
  /// follows the one before. Then `position()` is where the trouble begins.
  Task<Result<std::optional<BatchHeader>>> next();
  /// Behind the last good batch.
  std::uint64_t position() const { return position_; }

 private:
  /// As much of the file from `at` on as the window holds, at least `least` bytes unless the file
  /// ends before.
  Task<Result<std::span<const std::byte>>> window(std::uint64_t at, std::size_t least);
  Task<Status> check_contents(const BatchHeader& header);

  std::shared_ptr<File> file_;
  std::uint64_t position_;
  std::uint64_t end_;
  Check check_;
  std::optional<Offset> last_end_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace trialog::log
