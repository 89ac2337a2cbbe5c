#include "core/log/partition_log.h"

#include <algorithm>

#include "core/base/check.h"
#include "core/log/directory_state.h"
#include "core/log/names.h"

namespace trialog::log {
namespace {

/// How much of the indexes may lie in memory only. After a crash they are built from the batches
/// anyway, so this is about the number of writes.
constexpr std::size_t index_tail = 4096;

}  // namespace

PartitionLog::PartitionLog(std::shared_ptr<DirectoryState> directory, TopicPartition partition,
                           Uuid topic_id, Options options)
    : directory_(std::move(directory)),
      partition_(std::move(partition)),
      topic_id_(topic_id),
      options_(options),
      path_(directory_->path() / partition_.text()),
      producers_(directory_->env().bugs),
      progress_(directory_->env().executor),
      appended_(directory_->env().executor),
      kept_(directory_->env().executor) {}

PartitionLog::~PartitionLog() = default;

bool PartitionLog::failed() const { return removed_ || directory_->failed(); }

std::uint64_t PartitionLog::size_in_bytes() const {
  std::uint64_t size = 0;
  for (const auto& segment : segments_) size += segment->size();
  return size;
}

std::expected<Appended, ErrorCode> PartitionLog::append_as_leader(records::Batch batch,
                                                                  Epoch epoch) {
  if (failed() || directory_->closed()) return std::unexpected(ErrorCode::kafka_storage_error);
  // Only a follower truncates.
  if (truncating_) return std::unexpected(ErrorCode::not_leader_or_follower);
  if (static_cast<std::int64_t>(batch.size()) > options_.segment_bytes) {
    return std::unexpected(ErrorCode::record_list_too_large);
  }
  if (batch.last_offset_delta() < 0) return std::unexpected(ErrorCode::invalid_record);
  auto known = producers_.check(BatchHeader::of(batch, 0));
  if (!known) return std::unexpected(known.error());
  if (*known) return **known;

  batch.place(end_, epoch);
  begin_epoch(epoch);
  return append_placed(batch);
}

std::expected<Offset, ErrorCode> PartitionLog::append_as_follower(records::Batch batch) {
  if (failed() || directory_->closed() || truncating_) {
    return std::unexpected(ErrorCode::kafka_storage_error);
  }
  if (batch.base() < end_) return std::unexpected(ErrorCode::offset_out_of_range);
  if (epochs_.begin(batch.leader_epoch(), batch.base())) epochs_unwritten_ = true;
  return append_placed(batch).end;
}

Appended PartitionLog::append_placed(const records::Batch& batch) {
  auto& env = directory_->env();
  auto header = BatchHeader::of(batch, 0);
  const auto now = env.clock.wall_now();
  if (active().must_roll(header, options_, now)) {
    // There is no hole between two segments, unless what compaction left out is larger than one.
    if (header.end - end_ > INT32_MAX) end_ = header.base;
    roll(now);
  }
  header.position = active().size();
  active().add(header, options_);
  producers_.note(header, env.clock.now());
  end_ = header.end;
  const auto cached = recent_.bytes();
  enqueue(recent_.add(header.base, header.end, batch.bytes()));
  recent_.keep(options_.cache_bytes, written_end_);
  directory_->cached(recent_.bytes() - cached);
  appended_.raise();
  directory_->committer().wake_for(*this);
  return Appended(header.base, header.end, false);
}

/// Small batches one behind the other are written as one piece.
void PartitionLog::enqueue(Bytes batch) {
  if (!queue_.empty() && queue_.back().segment == segments_.back()) {
    auto& last = queue_.back();
    if (auto both = recent_.joined(last.batch, batch)) {
      last.batch = std::move(*both);
      last.end = end_;
      return;
    }
  }
  queue_.emplace_back(segments_.back(), std::move(batch), end_, Bytes());
}

/// What was written may be forgotten.
void PartitionLog::forget_recent() {
  const auto cached = recent_.bytes();
  recent_.keep(options_.cache_bytes, written_end_);
  directory_->cached(recent_.bytes() - cached);
}

void PartitionLog::begin_epoch(Epoch epoch) {
  if (epochs_.begin(epoch, end_)) epochs_unwritten_ = true;
}

/// The file is made when the queue is written. The producers' state is taken down now, while it
/// says nothing of what comes after.
void PartitionLog::roll(WallTime now) {
  active().finish();
  segments_.push_back(std::make_shared<Segment>(directory_->env().disk, path_, end_, now));
  queue_.emplace_back(segments_.back(), Bytes(), end_, producers_.snapshot());
}

void PartitionLog::count(Offset end) {
  if (end <= committed_end_) return;
  CHECK(end <= written_end_);
  committed_end_ = end;
  kept_.reached(end);
  progress_.raise();
}

void PartitionLog::set_high_watermark(Offset high_watermark) {
  high_watermark_ = std::clamp(high_watermark, start_, end_);
}

/// What this node has not made durable it would miss after a crash, and take for damaged.
Offset PartitionLog::watermark_to_note() const {
  return alone_ ? committed_end_ : std::min(high_watermark_, committed_end_);
}

void PartitionLog::wake_waiters() {
  kept_.raise();
  progress_.raise();
  appended_.raise();
}

Task<bool> PartitionLog::committed(Offset end) {
  const auto truncations = truncations_;
  while (committed_end_ < end) {
    if (failed()) co_return false;
    co_await kept_.until(end);
    if (truncations_ != truncations) co_return false;
  }
  co_return true;
}

Task<Status> PartitionLog::write_queue() {
  auto queue = std::exchange(queue_, std::vector<Queued>());
  std::size_t at = 0;
  while (at < queue.size()) {
    const auto segment = queue[at].segment;
    if (!segment->made()) {
      auto begun = co_await begin_segment(segment, queue[at].snapshot);
      if (!begun) co_return begun;
    }
    Chain batches;
    Offset end = written_end_;
    for (; at < queue.size() && queue[at].segment == segment; ++at) {
      end = queue[at].end;
      batches.append(std::move(queue[at].batch));
    }
    auto written = co_await segment->write(std::move(batches));
    if (!written && !directory_->env().bugs.has(Bug::append_after_failed_write)) co_return written;
    written_end_ = end;
    forget_recent();
    if (segment->unwritten_index_bytes() < index_tail) continue;
    auto indexed = co_await segment->write_indexes();
    if (!indexed) co_return indexed;
  }
  co_return Status();
}

/// Everything before a segment is made durable before anything in it can count, and so is its name:
/// there is never a hole before a batch that counts.
Task<Status> PartitionLog::begin_segment(std::shared_ptr<Segment> segment, Bytes snapshot) {
  const auto before = writing_to_;
  auto indexed = co_await before->write_indexes();
  if (!indexed) co_return indexed;
  Settling settling(before, nullptr, segment->base());
  auto noted = co_await write_snapshot(std::move(snapshot), segment->base(), settling.snapshot);
  if (!noted) co_return noted;
  if (options_.durability == Durability::fsync) {
    auto settled = co_await make_settled(std::move(settling));
    if (!settled) co_return settled;
  } else {
    to_settle_.push_back(std::move(settling));
    if (!settling_) {
      settling_ = true;
      directory_->tasks().spawn("log settler", settle_in_background());
    }
  }
  auto made = co_await segment->make();
  writing_to_ = segment;
  names_unsynced_ = true;
  co_return made;
}

/// One that is there tells of the same batches: what it told of others went when they did. To write
/// over it would risk it in a crash when it may be all that is left of segments before it.
Task<Status> PartitionLog::write_snapshot(Bytes snapshot, Offset end, std::shared_ptr<File>& file) {
  auto opened = co_await directory_->env().disk.open(path_ / segment_name(end, snapshot_suffix),
                                                     Disk::Open::either);
  if (!opened) co_return failure(opened.error());
  file = *opened;
  if (file->size() > 0) co_return Status();
  Chain chain(std::move(snapshot));
  co_return co_await file->append(std::move(chain));
}

Task<Status> PartitionLog::write_epochs() {
  if (!epochs_unwritten_) co_return Status();
  epochs_unwritten_ = false;
  auto [path, text] = epochs_file();
  co_return co_await replace_file(directory_->env().disk, std::move(path), std::move(text));
}

NewFile PartitionLog::epochs_file() const {
  return {path_ / epochs_name, Bytes::copy_of(epochs_.text())};
}

Task<Status> PartitionLog::make_settled(Settling settling) {
  auto synced = co_await settling.segment->sync(true);
  if (!synced) co_return synced;
  synced = co_await settling.snapshot->sync();
  if (!synced) co_return synced;
  synced = co_await write_epochs();
  if (!synced) co_return synced;
  synced = co_await directory_->env().disk.sync_names(path_);
  if (!synced) co_return synced;
  recovery_point_ = std::max(recovery_point_, settling.end);
  directory_->checkpoint_soon();
  if (looked_up_) looked_up_->forget_indexes();
  looked_up_ = settling.segment;
  co_return Status();
}

Task<void> PartitionLog::settle_in_background() {
  while (!to_settle_.empty() && !failed()) {
    auto next = std::move(to_settle_.front());
    to_settle_.pop_front();
    auto settled = co_await make_settled(std::move(next));
    if (!settled) directory_->give_up(settled.error());
  }
  settling_ = false;
  directory_->committer().wake_all();
}

Task<Status> PartitionLog::finish(std::vector<NewFile>& to_replace) {
  active().finish();
  auto indexed = co_await active().write_indexes();
  if (!indexed) co_return indexed;
  std::shared_ptr<File> file;
  auto noted = co_await write_snapshot(producers_.snapshot(), end_, file);
  if (!noted) co_return noted;
  if (epochs_unwritten_) to_replace.push_back(epochs_file());
  epochs_unwritten_ = false;
  co_return Status();
}

/// The directory has another name now, and nothing is written any more.
void PartitionLog::moved(const Disk::Path& path) {
  path_ = path;
  for (const auto& segment : segments_) segment->move_to(path);
}

IoError PartitionLog::given_up(IoError error) {
  // The files of a removed log may be gone; that is nobody's fault.
  if (error.kind() != IoError::Kind::corrupt && !removed_) directory_->give_up(error);
  return error;
}

}  // namespace trialog::log
