#include "core/log/segment.h"

#include "core/base/check.h"
#include "core/log/batch_scanner.h"
#include "core/log/names.h"

namespace trialog::log {

Segment::Segment(Disk& disk, Disk::Path directory, Offset base, WallTime created)
    : disk_(disk),
      directory_(std::move(directory)),
      base_(base),
      created_(created),
      end_(base),
      largest_(-1, base) {}

Disk::Path Segment::path(std::string_view suffix) const {
  return directory_ / segment_name(base_, suffix);
}

bool Segment::must_roll(const BatchHeader& batch, const Options& options, WallTime now) const {
  if (batch.end - base_ > INT32_MAX) return true;
  if (size_ == 0) return false;
  const auto limit = std::min<std::int64_t>(options.segment_bytes, INT32_MAX);
  if (size_ + batch.size > static_cast<std::uint64_t>(limit)) return true;
  const auto offset_entries = options.segment_index_bytes / OffsetIndex::entry_size;
  const auto time_entries = options.segment_index_bytes / TimeIndex::entry_size;
  if (offsets_.size() >= offset_entries || times_.size() + 1 >= time_entries) return true;
  const auto waited =
      first_timestamp_ >= 0 ? batch.max_timestamp - first_timestamp_ : to_ms(now) - to_ms(created_);
  return waited > options.segment_ms;
}

void Segment::add(const BatchHeader& batch, const Options& options) {
  CHECK(batch.base >= end_);
  CHECK(indexed_);
  if (size_ == 0) first_timestamp_ = batch.max_timestamp;
  if (batch.max_timestamp > largest_.timestamp) {
    largest_ = Largest(batch.max_timestamp, batch.end + -1);
  }
  if (since_entry_ > options.index_interval_bytes) {
    offsets_.add(OffsetIndex::Entry(static_cast<std::int32_t>(batch.end - base_ - 1),
                                    static_cast<std::int32_t>(size_)));
    add_time_entry();
    since_entry_ = 0;
  }
  since_entry_ += static_cast<std::int64_t>(batch.size);
  size_ += batch.size;
  end_ = batch.end;
}

void Segment::add_damaged(const Damage& damage) {
  note_damage(damage);
  size_ = damage.end_position;
  end_ = damage.end;
}

void Segment::finish() { add_time_entry(); }

void Segment::add_time_entry() {
  if (largest_.timestamp < 0) return;
  times_.add(TimeIndex::Entry(largest_.timestamp,
                              static_cast<std::int32_t>(largest_.last_offset - base_)));
}

Task<Status> Segment::make() {
  auto made = co_await disk_.open(path(log_suffix), Disk::Open::either);
  if (!made) co_return failure(made.error());
  file_ = std::move(*made);
  made_ = true;
  if (file_->size() > 0) {
    auto emptied = co_await file_->truncate(0);
    if (!emptied) co_return emptied;
  }
  co_return co_await write_indexes();
}

Task<Status> Segment::write(Chain batches) {
  CHECK(made_);
  const auto count = batches.size();
  CHECK(written_ + count <= size_);
  auto done = co_await file_->append(std::move(batches));
  written_ += count;
  co_return done;
}

std::size_t Segment::unwritten_index_bytes() const {
  if (!indexed_) return 0;
  return (offsets_.size() - offset_file_.entries) * OffsetIndex::entry_size +
         (times_.size() - time_file_.entries) * TimeIndex::entry_size;
}

Task<Status> Segment::write_indexes() {
  if (!indexed_) co_return Status();
  const auto offset_entries = offsets_.size();
  const auto time_entries = times_.size();
  auto offset_tail = offsets_.encode(offset_file_.entries);
  auto offsets =
      co_await append_to(offset_file_, offset_index_suffix,
                         offset_file_.entries * OffsetIndex::entry_size, std::move(offset_tail));
  if (!offsets) co_return offsets;
  offset_file_.entries = offset_entries;
  auto time_tail = times_.encode(time_file_.entries);
  auto times = co_await append_to(time_file_, time_index_suffix,
                                  time_file_.entries * TimeIndex::entry_size, std::move(time_tail));
  if (!times) co_return times;
  time_file_.entries = time_entries;
  co_return Status();
}

Task<Status> Segment::append_to(IndexFile& index, std::string_view suffix, std::size_t have,
                                Bytes entries) {
  if (!index.file) {
    auto opened = co_await disk_.open(path(suffix), Disk::Open::either);
    if (!opened) co_return failure(opened.error());
    index.file = std::move(*opened);
    if (index.file->size() != have) {
      auto emptied = co_await index.file->truncate(have);
      if (!emptied) co_return emptied;
    }
  }
  if (entries.empty()) {
    if (have == 0) index.file = nullptr;  // Thousands of logs may never grow an entry.
    co_return Status();
  }
  Chain chain(std::move(entries));
  co_return co_await index.file->append(std::move(chain));
}

Task<Status> Segment::sync(bool indexes) {
  auto done = co_await file_->sync();
  if (!done || !indexes) co_return done;
  if (offset_file_.file) {
    done = co_await offset_file_.file->sync();
    if (!done) co_return done;
  }
  if (time_file_.file) done = co_await time_file_.file->sync();
  co_return done;
}

Task<Result<std::shared_ptr<File>>> Segment::file() {
  if (!file_) {
    auto opened = co_await disk_.open(path(log_suffix), Disk::Open::existing);
    if (!opened) co_return failure(opened.error());
    file_ = std::move(*opened);
  }
  co_return file_;
}

void Segment::forget_indexes() {
  offsets_ = OffsetIndex();
  times_ = TimeIndex();
  offset_file_ = IndexFile();
  time_file_ = IndexFile();
  indexed_ = false;
}

void Segment::adopt(std::shared_ptr<File> file, std::uint64_t size, Offset end) {
  file_ = std::move(file);
  made_ = true;
  size_ = written_ = size;
  end_ = end;
}

void Segment::adopt_batch(const BatchHeader& batch) {
  end_ = batch.end;
  if (batch.max_timestamp > largest_.timestamp) set_largest(batch.max_timestamp, batch.end + -1);
}

void Segment::adopt_indexes(OffsetIndex offsets, TimeIndex times, bool in_files) {
  offsets_ = std::move(offsets);
  times_ = std::move(times);
  indexed_ = true;
  offset_file_ = IndexFile(nullptr, in_files ? offsets_.size() : 0);
  time_file_ = IndexFile(nullptr, in_files ? times_.size() : 0);
  since_entry_ = static_cast<std::int64_t>(
      size_ - (offsets_.size() == 0 ? 0 : offsets_.entries().back().position));
  if (times_.size() > 0 && times_.entries().back().timestamp > largest_.timestamp) {
    set_largest(times_.entries().back().timestamp, base_ + times_.entries().back().last_offset);
  }
}

void Segment::reset() {
  size_ = written_ = 0;
  end_ = base_;
  largest_ = Largest(-1, base_);
  first_timestamp_ = -1;
  since_entry_ = 0;
  indexed_ = true;
  offsets_ = OffsetIndex();
  times_ = TimeIndex();
  offset_file_ = IndexFile();
  time_file_ = IndexFile();
  damage_.clear();
}

void Segment::set_largest(std::int64_t timestamp, Offset last_offset) {
  largest_ = Largest(timestamp, last_offset);
}

}  // namespace trialog::log
