#include "core/replication/metadata_host.h"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/check.h"
#include "core/metadata/batches.h"
#include "core/replication/metadata_replay.h"

namespace trialog::replication {

TopicPartition metadata_partition() { return {"__cluster_metadata", 0}; }

log::Options metadata_log_options() {
  log::Options options;
  options.durability = log::Durability::fsync;
  options.deletes = false;
  return options;
}

MetadataHost::MetadataHost(Env& env, MetadataQuorum& quorum, metadata::ControllerOptions options,
                           SnapshotLimits limits, Prepare prepare)
    : env_(env),
      quorum_(quorum),
      options_(std::move(options)),
      limits_(limits),
      prepare_(std::move(prepare)),
      control_(env.executor),
      image_(std::make_shared<const metadata::Image>()),
      snapped_at_(env.clock.now()),
      changed_(env.executor),
      tasks_(env.executor) {}

void MetadataHost::start() {
  tasks_.spawn("metadata.follow", follow());
  tasks_.spawn("metadata.watch", watch());
  tasks_.spawn("metadata.control", control());
}

Task<Status> MetadataHost::caught_up() {
  while (!begun_ && !failed_) co_await changed_.wait();
  if (failed_) co_return failure(IoError::Kind::broken, why_);
  co_return Status();
}

Task<void> MetadataHost::follow() {
  while (!failed_) {
    const bool behind = next_.end() < quorum_.high_watermark();
    if (!behind && !has_news()) {
      co_await quorum_.changed().wait();
      continue;
    }
    auto step = behind ? read_on() : publish();
    auto done = co_await step;
    if (!done) co_return fail(done.error().what());
  }
}

Task<Status> MetadataHost::read_on() {
  const auto log = quorum_.log();
  if (next_.end() < log->start()) co_return co_await load_snapshot();
  auto batches = co_await read_batches(*log, next_.end(), quorum_.high_watermark());
  if (!batches) co_return failure(batches.error());
  for (const auto& batch : *batches) {
    auto applied = apply_batch(batch, next_, passed_over_);
    if (!applied) co_return applied;
    unsnapped_ += static_cast<std::int64_t>(batch.bytes().size());
  }
  co_return Status();
}

Task<Status> MetadataHost::load_snapshot() {
  const auto id = quorum_.latest_snapshot();
  if (!id) {
    co_return failure(IoError::Kind::corrupt,
                      "the metadata log does not begin at 0, and there is no snapshot before it");
  }
  auto values = co_await quorum_.read_snapshot(*id);
  if (!values) co_return failure(values.error());
  auto image = image_of(*values, id->end, passed_over_);
  if (!image) co_return failure(image.error());
  next_ = std::move(*image);
  unsnapped_ = 0;
  snapped_at_ = env_.clock.now();
  co_return Status();
}

bool MetadataHost::has_news() const {
  if (next_.in_transaction() || next_.end() == Offset(0)) return false;
  return begun_ ? next_.end() > image_->end() : quorum_.caught_up();
}

Task<Status> MetadataHost::publish() {
  const auto image = std::make_shared<const metadata::Image>(next_);
  auto prepared = co_await prepare_(image);
  if (!prepared) co_return prepared;
  image_ = image;
  if (!begun_) {
    env_.trace.note(Level::info, "metadata.loaded",
                    fmt::format("up to offset {}: {} topics, {} records passed over",
                                image_->end().value, image_->topics().size(), passed_over_));
  }
  begun_ = true;
  changed_.raise();
  control_.raise();
  co_await snapshot_when_due();
  co_return Status();
}

Task<void> MetadataHost::snapshot_when_due() {
  const auto now = env_.clock.now();
  const bool large = limits_.bytes > 0 && unsnapped_ >= limits_.bytes;
  const bool old = limits_.interval > Duration(0) && now - snapped_at_ >= limits_.interval;
  if (unsnapped_ == 0 || !(large || old)) co_return;
  const auto image = image_;
  quorum::SnapshotId id;
  id.end = image->end();
  id.epoch = quorum_.log()->epoch_at(Offset(id.end.value - 1));
  std::vector<Bytes> values;
  for (const auto& record : metadata::records_of(*image)) {
    values.push_back(metadata::encode_record(record));
  }
  unsnapped_ = 0;
  snapped_at_ = now;
  auto written = co_await quorum_.write_snapshot(id, std::move(values), env_.clock.wall_now());
  if (!written) env_.trace.note(Level::error, "metadata.snapshot", written.error().what());
}

Task<void> MetadataHost::watch() {
  while (!quorum_.failed()) {
    control_.raise();
    co_await quorum_.changed().wait();
  }
  fail("the metadata log failed");
}

Task<void> MetadataHost::control() {
  while (!failed_) {
    const bool leads = quorum_.leads();
    if (controller_ && !(leads && quorum_.epoch() == epoch_)) end_control();
    if (!controller_ && leads && begun_ && image_->end() >= quorum_.epoch_start()) begin_control();
    armed_ = controller_ ? controller_->deadline() : never;
    if (armed_ <= env_.clock.now()) {
      catch_up_with_log();
      const auto decision = controller_->on_time(env_.clock.now());
      if (append(decision.records)) continue;
      armed_ = never;  // The lead is lost, or the log: we hear of either.
    }
    co_await within(env_.executor, env_.clock, armed_, raised(control_));
  }
}

void MetadataHost::begin_control() {
  epoch_ = quorum_.epoch();
  auto options = options_;
  options.random = env_.random.fork(fmt::format("controller {}", epoch_.value));
  const auto now = env_.clock.now();
  controller_ = std::make_unique<Controller>(std::move(options), *image_, epoch_, now);
  env_.trace.note(Level::info, "controller.begins", fmt::format("epoch {}", epoch_.value));
  catch_up_with_log();
  const auto decision = controller_->on_elected(now);
  append(decision.records);
  changed_.raise();
}

void MetadataHost::end_control() {
  env_.trace.note(Level::info, "controller.ends", fmt::format("epoch {}", epoch_.value));
  controller_.reset();
  changed_.raise();
}

void MetadataHost::note_deadline() {
  if (controller_ && controller_->deadline() < armed_) control_.raise();
}

void MetadataHost::catch_up_with_log() {
  // What the quorum itself wrote in between, such as a new set of voters, is none of ours.
  controller_->skip_to(quorum_.log()->end());
}

std::optional<Offset> MetadataHost::append(const std::vector<metadata::Record>& records) {
  if (records.empty()) return controller_->image().end();
  std::vector<Bytes> values;
  values.reserve(records.size());
  for (const auto& record : records) values.push_back(metadata::encode_record(record));
  auto first = values.begin();
  for (const auto count : metadata::batch_ends(values)) {
    const auto last = values.begin() + static_cast<std::ptrdiff_t>(count);
    const auto end = quorum_.append(epoch_, std::vector<Bytes>(first, last));
    if (!end) {
      env_.trace.note(Level::warn, "controller.append", error_name(end.error()));
      return std::nullopt;
    }
    first = last;
  }
  for (const auto& record : records) controller_->apply(record);
  CHECK(controller_->image().end() == quorum_.log()->end());
  return controller_->image().end();
}

Task<bool> MetadataHost::published(Epoch epoch, Offset end) {
  while (!failed_ && controller_ && epoch_ == epoch) {
    if (image_->end() >= end) co_return true;
    co_await changed_.wait();
  }
  co_return false;
}

void MetadataHost::fail(std::string_view why) {
  if (failed_) return;
  failed_ = true;
  why_ = why;
  env_.trace.note(Level::error, "metadata.failed", why);
  controller_.reset();
  changed_.raise();
  control_.raise();
}

}  // namespace trialog::replication
