#include "core/log/log_directory.h"

#include "core/log/directory_state.h"

namespace trialog::log {

LogDirectory::LogDirectory(std::shared_ptr<DirectoryState> state) : state_(std::move(state)) {}

LogDirectory::~LogDirectory() { state_->end(); }

Task<Result<std::unique_ptr<LogDirectory>>> LogDirectory::open(Env& env, Disk::Path path,
                                                               DirectoryIdentity identity,
                                                               OptionsFor options_for,
                                                               Duration watermarks_every) {
  // If opening is cancelled, this ends what has begun.
  std::unique_ptr<LogDirectory> directory(new LogDirectory(std::make_shared<DirectoryState>(
      env, std::move(path), std::move(identity), std::move(options_for))));
  auto opened = co_await directory->state_->open(watermarks_every);
  if (!opened) co_return failure(opened.error());
  co_return directory;
}

const Disk::Path& LogDirectory::path() const { return state_->path(); }

const DirectoryIdentity& LogDirectory::identity() const { return state_->identity(); }

bool LogDirectory::failed() const { return state_->failed(); }

void LogDirectory::scrub(std::int64_t bytes_per_second) {
  if (bytes_per_second > 0) state_->scrub(static_cast<std::size_t>(bytes_per_second));
}

Signal& LogDirectory::damage_found() { return state_->damage_found(); }

std::vector<std::shared_ptr<PartitionLog>> LogDirectory::logs() {
  std::vector<std::shared_ptr<PartitionLog>> logs;
  for (auto& [partition, log] : state_->logs()) logs.push_back(log);
  return logs;
}

std::shared_ptr<PartitionLog> LogDirectory::find(const TopicPartition& partition) {
  const auto found = state_->logs().find(partition);
  return found == state_->logs().end() ? nullptr : found->second;
}

Task<Result<std::shared_ptr<PartitionLog>>> LogDirectory::create(TopicPartition partition,
                                                                 Uuid topic_id) {
  std::vector<NewLog> wanted;
  wanted.push_back({partition, topic_id});
  auto created = co_await state_->create(std::move(wanted));
  if (!created) co_return failure(created.error());
  co_return find(partition);
}

Task<Status> LogDirectory::create(std::vector<NewLog> wanted) {
  return state_->create(std::move(wanted));
}

Task<Status> LogDirectory::set_aside(TopicPartition partition) {
  return state_->set_aside(std::move(partition));
}

Task<Status> LogDirectory::remove(std::vector<TopicPartition> partitions) {
  return state_->remove(std::move(partitions));
}

Task<Status> LogDirectory::close(std::int64_t broker_epoch) { return state_->close(broker_epoch); }
std::int64_t LogDirectory::previous_broker_epoch() const { return state_->previous_broker_epoch(); }

}  // namespace trialog::log
