#pragma once

#include <memory>
#include <optional>

#include "core/env/disk.h"
#include "core/log/batch_header.h"
#include "core/log/damage.h"

namespace trialog::log {

/// Reads the batches of a segment's file one after the other, through a window of fixed size,
/// however large they say they are.
class BatchScanner {
 public:
  /// Whether to read only the headers or to check each batch's CRC too, and that its base offset,
  /// which is not under the CRC, fits between those of its neighbours.
  enum class Check { headers, contents };

  /// From the batch that begins at `from` up to those that begin before `end`. Reads at most
  /// `window` bytes at a time.
  BatchScanner(std::shared_ptr<File> file, std::uint64_t from, std::uint64_t end, Check check,
               std::size_t window = SIZE_MAX);

  /// The first batch must not begin before `first`.
  void expect(Offset first) { last_end_ = first; }
  /// The first batch must end at `end`, as an index says.
  void expect_first_end(Offset end) { first_end_ = end; }
  /// Nothing was ever compacted here: each batch begins where the one before it ends.
  void expect_no_gaps() { gapless_ = true; }
  /// The last batch must not end behind `end`.
  void expect_end(Offset end) { bound_ = end; }
  /// The offset in front of `end` is in a batch: no gap holds it.
  void expect_full(Offset end) { full_ = end; }
  /// Passes over what is known to be damaged.
  void skip(std::vector<Damage> damage) { damage_ = std::move(damage); }
  /// The next batch; nothing behind the last one; `corrupt` if what is there is no whole batch that
  /// follows the one before. Then `position()` is where the trouble begins.
  Task<Result<std::optional<BatchHeader>>> next();
  /// Behind the last good batch.
  std::uint64_t position() const { return position_; }
  /// Where the last good batch ended, or was expected to; nothing if that is not known.
  std::optional<Offset> reached() const { return last_end_; }
  /// The damage that the last `next` passed over, directly in front of what it found.
  const std::optional<Damage>& skipped() const { return skipped_; }

 private:
  /// As much of the file from `at` on as the window holds, at least `least` bytes unless the file
  /// ends before.
  Task<Result<std::span<const std::byte>>> window(std::uint64_t at, std::size_t least);
  Task<Status> check_contents(const BatchHeader& header);
  Task<Status> check_offset(const BatchHeader& header);
  void pass_damage();

  std::shared_ptr<File> file_;
  std::uint64_t position_;
  std::uint64_t end_;
  Check check_;
  std::optional<Offset> last_end_;
  std::optional<Offset> first_end_;
  bool gapless_ = false;
  std::optional<Offset> bound_;
  std::optional<Offset> full_;
  std::vector<Damage> damage_;
  std::optional<Damage> skipped_;
  std::unique_ptr<std::byte[]> buffer_;
  std::size_t capacity_;
  std::uint64_t begin_ = 0;
  std::size_t filled_ = 0;
};

}  // namespace trialog::log
