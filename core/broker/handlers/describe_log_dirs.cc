#include <map>

#include "core/broker/handlers/handlers.h"
#include "core/replication/metadata_host.h"

namespace trialog::broker::handlers {
namespace {

using protocol::DescribeLogDirsRequest;
using protocol::DescribeLogDirsResponse;

bool wants(const DescribeLogDirsRequest& request, const TopicPartition& partition) {
  if (!request.topics) return true;
  for (const auto& topic : *request.topics) {
    if (topic.topic != partition.topic) continue;
    for (const auto index : topic.partitions) {
      if (index == partition.partition) return true;
    }
  }
  return false;
}

void add_logs(const DescribeLogDirsRequest& request, log::LogDirectory& directory,
              DescribeLogDirsResponse::DescribeLogDirsResult& result) {
  for (const auto& log : directory.logs()) {
    const auto& partition = log->partition();
    if (partition == replication::metadata_partition() || !wants(request, partition)) continue;
    if (result.topics.empty() || result.topics.back().name != partition.topic) {
      result.topics.emplace_back().name = partition.topic;
    }
    auto& entry = result.topics.back().partitions.emplace_back();
    entry.partition_index = partition.partition;
    entry.partition_size = static_cast<std::int64_t>(log->size_in_bytes());
  }
}

}  // namespace

Task<DescribeLogDirsResponse> describe_log_dirs(Broker& broker, const Context&,
                                                DescribeLogDirsRequest request) {
  DescribeLogDirsResponse response;
  for (auto* directory : broker.directories) {
    auto& result = response.results.emplace_back();
    result.log_dir = directory->path().string();
    if (directory->failed()) {
      result.error_code = ErrorCode::kafka_storage_error;
      continue;
    }
    add_logs(request, *directory, result);
    auto space = co_await broker.env.disk.space(directory->path());
    if (!space) continue;
    auto& last = response.results.back();
    last.total_bytes = static_cast<std::int64_t>(space->total);
    last.usable_bytes = static_cast<std::int64_t>(space->usable);
  }
  co_return response;
}

}  // namespace trialog::broker::handlers
