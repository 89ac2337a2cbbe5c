#include <fmt/format.h>

#include <charconv>

#include "core/base/check.h"
#include "core/log/directory_state.h"
#include "core/log/names.h"
#include "core/log/recovery.h"

namespace trialog::log {
namespace {

constexpr std::string_view identity_name = "meta.properties";
constexpr std::string_view clean_name = ".kafka_cleanshutdown";
constexpr std::string_view lock_name = ".lock";
constexpr std::string_view epoch_key = R"("brokerEpoch":)";

std::string clean_mark(std::int64_t broker_epoch) {
  return fmt::format(R"({{"version":0,{}{}}})", epoch_key, broker_epoch);
}

/// -1 for a mark that names none, such as an empty one of an older Kafka.
std::int64_t broker_epoch_in(std::string_view mark) {
  const auto at = mark.find(epoch_key);
  std::int64_t epoch = -1;
  if (at == std::string_view::npos) return epoch;
  const auto number = mark.substr(at + epoch_key.size());
  std::from_chars(number.data(), number.data() + number.size(), epoch);
  return epoch;
}

std::unexpected<IoError> damaged(const Disk::Path& path, const std::string& problem) {
  return failure(IoError::Kind::corrupt, path.string() + ": " + problem);
}

/// Makes the directory and what is missing above it, and lets their names survive a crash: all that
/// will ever be synced in it lies below them.
Task<Status> make_durably(Disk& disk, Disk::Path path) {
  std::vector<Disk::Path> parents;
  for (auto at = path; !at.empty() && at != at.parent_path(); at = at.parent_path()) {
    const auto found = co_await disk.list(at);
    if (found) break;
    parents.push_back(at.has_parent_path() ? at.parent_path() : Disk::Path("."));
  }
  auto done = co_await disk.make_directory(std::move(path));
  for (const auto& parent : parents) {
    if (done) done = co_await disk.sync_names(parent);
  }
  co_return done;
}

}  // namespace

Task<Status> DirectoryState::open(Duration watermarks_every) {
  auto made = co_await make_durably(env_.disk, path_);
  if (!made) co_return made;
  auto done = co_await take_lock();
  if (!done) co_return done;
  done = co_await check_identity();
  if (!done) co_return done;
  done = co_await take_clean_mark();
  if (!done) co_return done;
  auto starts = co_await read_checkpoint(starts_name);
  if (!starts) co_return failure(starts.error());
  starts_ = std::move(*starts);
  auto points = co_await read_checkpoint(recovery_points_name);
  if (!points) co_return failure(points.error());
  recovery_points_ = std::move(*points);
  auto watermarks = co_await read_checkpoint(high_watermarks_name);
  if (!watermarks) co_return failure(watermarks.error());
  watermarks_ = std::move(*watermarks);
  done = co_await open_logs();
  if (!done) co_return done;
  done = co_await finish_opening();
  if (!done) co_return done;
  committer_.run(*tasks_);
  tasks_->spawn("log checkpoints", checkpoint_now_and_then());
  tasks_->spawn("log watermarks", checkpoint_watermarks_every(watermarks_every));
  co_return Status();
}

Task<Status> DirectoryState::take_lock() {
  auto lock = co_await env_.disk.lock(path_ / lock_name);
  if (!lock) co_return failure(lock.error());
  lock_ = std::move(*lock);
  co_return Status();
}

/// What is not asked for is taken from the file, or made up.
Task<Status> DirectoryState::check_identity() {
  const auto path = path_ / identity_name;
  auto bytes = co_await read_file(env_.disk, path, 1u << 20);
  const bool missing = !bytes && bytes.error().kind() == IoError::Kind::not_found;
  if (!bytes && !missing) co_return failure(bytes.error());
  if (missing) {
    if (identity_.cluster_id.empty()) identity_.cluster_id = Uuid::random(random_).text();
    if (identity_.directory_id.empty()) identity_.directory_id = Uuid::random(random_).text();
    Properties properties;
    properties["version"] = "1";
    properties["cluster.id"] = identity_.cluster_id;
    properties["node.id"] = std::to_string(identity_.node_id);
    properties["directory.id"] = identity_.directory_id;
    auto text = Bytes::copy_of(render(properties));
    co_return co_await replace_file(env_.disk, path, std::move(text));
  }
  auto properties = parse_properties(bytes->text());
  if (!properties) co_return damaged(path, properties.error());
  auto& found = *properties;
  if (found["version"] != "1") {
    co_return damaged(path, "version is '" + found["version"] + "', should be 1");
  }
  const auto node = parse_number(found["node.id"]);
  if (!node || *node > INT32_MAX) {
    co_return damaged(path, "node.id is '" + found["node.id"] + "', should be a number");
  }
  if (identity_.node_id >= 0 && *node != identity_.node_id) {
    co_return damaged(path, "node.id is " + found["node.id"] + ", but this broker is " +
                                std::to_string(identity_.node_id));
  }
  if (found["cluster.id"].empty()) co_return damaged(path, "cluster.id is missing");
  if (!identity_.cluster_id.empty() && found["cluster.id"] != identity_.cluster_id) {
    co_return damaged(path, "cluster.id is " + found["cluster.id"] + ", but this cluster is " +
                                identity_.cluster_id);
  }
  identity_.node_id = static_cast<std::int32_t>(*node);
  identity_.cluster_id = found["cluster.id"];
  identity_.directory_id = found["directory.id"];
  co_return Status();
}

/// Removed before anything else happens: if we crash from here on, the stop was not clean.
Task<Status> DirectoryState::take_clean_mark() {
  auto mark = co_await read_file(env_.disk, path_ / clean_name, 4096);
  auto removed = co_await env_.disk.remove(path_ / clean_name);
  clean_ = removed.has_value();
  if (!clean_) {
    if (removed.error().kind() == IoError::Kind::not_found) co_return Status();
    co_return removed;
  }
  if (mark) previous_broker_epoch_ = broker_epoch_in(as_text(mark->view()));
  co_return co_await env_.disk.sync_names(path_);
}

Task<Status> DirectoryState::open_logs() {
  auto listed = co_await env_.disk.list(path_);
  if (!listed) co_return failure(listed.error());
  for (const auto& entry : *listed) {
    if (!entry.directory) continue;
    const auto named = partition_in_name(entry.name);
    if (!named) {
      env_.trace.note(Level::warn, "log.ignored", (path_ / entry.name).string());
    } else if (named->deleted) {
      remove_later(std::vector<Disk::Path>(), Duration(0), path_ / entry.name);
    } else {
      auto opened = co_await open_log(named->partition);
      if (!opened) co_return opened;
    }
  }
  co_return Status();
}

Task<Status> DirectoryState::open_log(TopicPartition partition) {
  Recovery::Marks marks;
  marks.clean = clean_;
  if (const auto found = recovery_points_.find(partition); found != recovery_points_.end()) {
    marks.recovery_point = found->second;
  }
  if (const auto found = starts_.find(partition); found != starts_.end()) {
    marks.start = found->second;
  }
  const auto watermark = watermarks_.find(partition);
  if (watermark != watermarks_.end()) marks.high_watermark = watermark->second;
  const auto options = options_for_(partition);
  std::shared_ptr<PartitionLog> log(
      new PartitionLog(shared_from_this(), partition, Uuid(), options));
  Recovery recovery(*this, *log, marks);
  auto done = co_await recovery.run();
  if (!done) co_return done;
  changed_ = changed_ || recovery.changed();
  if (recovery.abandoned()) {
    env_.trace.note(Level::info, "log.abandoned", log->path_.string());
    remove_later(std::vector<Disk::Path>(), Duration(0), log->path_);
    co_return Status();
  }
  if (!clean_) {
    env_.trace.note(Level::info, "log.recovered",
                    log->path_.string() + " from " + std::to_string(log->start().value) + " to " +
                        std::to_string(log->end().value));
  }
  log->set_high_watermark(marks.high_watermark);
  // Else it would be believed when the log has grown there again.
  changed_ = changed_ || log->high_watermark_ < marks.high_watermark;
  log->noted_high_watermark_ = log->high_watermark_;
  logs_[partition] = std::move(log);
  co_return Status();
}

/// What was recovered may be in the page cache only: it counts from here on, so it must be durable.
/// And the checkpoints must not speak of logs that are no more, lest a new one of the same name
/// begins where the old one did.
Task<Status> DirectoryState::finish_opening() {
  if (changed_) {
    auto synced = co_await env_.disk.sync_all(path_);
    if (!synced) co_return synced;
  }
  bool stale = changed_;
  for (const auto& [partition, offset] : starts_) stale = stale || !logs_.contains(partition);
  for (const auto& [partition, offset] : recovery_points_) {
    stale = stale || !logs_.contains(partition);
  }
  for (const auto& [partition, offset] : watermarks_) stale = stale || !logs_.contains(partition);
  starts_.clear();
  recovery_points_.clear();
  watermarks_.clear();
  if (!stale) co_return Status();
  co_return co_await write_all_checkpoints();
}

Task<Status> DirectoryState::create(std::vector<LogDirectory::NewLog> wanted) {
  if (failed_ || closed_) {
    co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  }
  for (const auto& [partition, topic_id] : wanted) {
    if (!logs_.contains(partition) && !creating_.contains(partition)) continue;
    co_return failure(IoError::Kind::exists, partition.text() + " exists in " + path_.string());
  }
  LogList logs;
  for (const auto& [partition, topic_id] : wanted) {
    creating_.insert(partition);
    const auto options = options_for_(partition);
    logs.emplace_back(new PartitionLog(shared_from_this(), partition, topic_id, options));
  }
  auto made = co_await make_files(logs);
  for (const auto& log : logs) {
    creating_.erase(log->partition());
    if (made) logs_[log->partition()] = log;
  }
  if (!made) give_up(made.error());
  co_return made;
}

/// A directory without `partition.metadata` is one that was not made to the end.
Task<Status> DirectoryState::make_files(const LogList& logs) {
  std::vector<NewFile> metadata;
  for (const auto& log : logs) {
    auto made = co_await make_segment(*log);
    if (!made) co_return made;
    const auto text = "version: 0\ntopic_id: " + log->topic_id_.text();
    metadata.push_back({log->path_ / metadata_name, Bytes::copy_of(text)});
  }
  if (logs.size() >= sync_all_from) {
    co_return co_await replace_files(env_.disk, path_, std::move(metadata));
  }
  for (auto& [path, text] : metadata) {
    // Makes the names of the segment's files durable, too.
    auto done = co_await replace_file(env_.disk, path, std::move(text));
    if (!done) co_return done;
  }
  co_return co_await env_.disk.sync_names(path_);
}

Task<Status> DirectoryState::make_segment(PartitionLog& log) {
  auto made = co_await env_.disk.make_directory(log.path_);
  if (!made) co_return made;
  log.segments_.push_back(
      std::make_shared<Segment>(env_.disk, log.path_, Offset(0), env_.clock.wall_now()));
  log.writing_to_ = log.segments_.back();
  co_return co_await log.active().make();
}

Task<Status> DirectoryState::remove(std::vector<TopicPartition> partitions) {
  auto away = co_await rename_away(std::move(partitions), "-delete");
  if (!away) co_return failure(away.error());
  for (const auto& log : *away) {
    const auto delay = milliseconds(log->options().file_delete_delay_ms);
    remove_later(std::vector<Disk::Path>(), delay, log->path_);
  }
  co_return Status();
}

Task<Status> DirectoryState::set_aside(TopicPartition partition) {
  std::vector<TopicPartition> alone;
  alone.push_back(std::move(partition));
  auto away = co_await rename_away(std::move(alone), "-stray");
  if (!away) co_return failure(away.error());
  co_return Status();
}

Task<Result<DirectoryState::LogList>> DirectoryState::rename_away(
    std::vector<TopicPartition> partitions, std::string_view why) {
  for (const auto& partition : partitions) {
    if (logs_.contains(partition)) continue;
    co_return failure(IoError::Kind::not_found, partition.text() + " is not in " + path_.string());
  }
  LogList logs;
  for (const auto& partition : partitions) {
    auto taken = logs_.extract(partition);
    CHECK(!taken.empty());  // Nobody names a log twice.
    // Until the name is free, and the checkpoints say nothing of it any more.
    creating_.insert(partition);
    logs.push_back(std::move(taken.mapped()));
    logs.back()->removed_ = true;
    logs.back()->wake_waiters();
  }
  co_await committer_.release(logs);
  for (const auto& log : logs) cached_ -= log->recent_.bytes();
  auto done = co_await move_away(logs, why);
  for (const auto& partition : partitions) creating_.erase(partition);
  if (!done) {
    give_up(done.error());
    co_return failure(done.error());
  }
  co_return logs;
}

/// Names first, so that a crash seldom brings back a log of which the checkpoints say nothing more:
/// that one would be recovered from its first batch on.
Task<Status> DirectoryState::move_away(const LogList& logs, std::string_view why) {
  for (const auto& log : logs) {
    // As Kafka: the name's length stays within what file systems take.
    const std::string tail = "-" + std::to_string(log->partition().partition) + "." +
                             to_hex(Uuid::random(random_).bytes) + std::string(why);
    const auto to = path_ / (log->partition().topic.substr(0, 255 - tail.size()) + tail);
    auto renamed = co_await env_.disk.rename(log->path_, to);
    if (!renamed) co_return renamed;
    log->moved(to);
  }
  auto named = co_await env_.disk.sync_names(path_);
  if (!named) co_return named;
  co_return co_await write_all_checkpoints();
}

Task<Status> DirectoryState::close(std::int64_t broker_epoch) {
  if (failed_) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  closed_ = true;
  co_await committer_.drained();
  std::vector<NewFile> to_replace;
  for (auto& [partition, log] : logs_) {
    if (failed_) break;
    while (log->in_use() && !failed_) co_await committer_.idle();
    auto finished = co_await log->finish(to_replace);
    if (!finished) give_up(finished.error());
  }
  if (failed_) co_return failure(IoError::Kind::broken, path_.string() + " has been given up");
  // Syncs all else, too.
  auto synced = co_await replace_files(env_.disk, path_, std::move(to_replace));
  if (!synced) {
    give_up(synced.error());
    co_return synced;
  }
  for (auto& [partition, log] : logs_) log->recovery_point_ = log->end_;
  auto written = co_await write_all_checkpoints();
  if (!written) co_return written;
  auto mark = Bytes::copy_of(clean_mark(broker_epoch));
  auto marked = co_await replace_file(env_.disk, path_ / clean_name, std::move(mark));
  if (!marked) give_up(marked.error());
  co_return marked;
}

}  // namespace trialog::log
