#include <algorithm>
#include <set>

#include "core/broker/handlers/topics.h"

namespace trialog::broker::handlers {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;
using TopicResponse = DescribeTopicPartitionsResponse::DescribeTopicPartitionsResponseTopic;

/// The topics asked for, or all, in order of name, from the cursor's on.
std::set<std::string> names_of(const metadata::Image& image,
                               const DescribeTopicPartitionsRequest& request) {
  std::set<std::string> names;
  for (const auto& topic : request.topics) names.insert(topic.name);
  if (request.topics.empty()) {
    for (const auto& [name, topic] : image.topics()) names.insert(name);
  }
  if (request.cursor) names.erase(names.begin(), names.lower_bound(request.cursor->topic_name));
  return names;
}

/// One page in the making.
class Page {
 public:
  Page(const View& view, std::int32_t limit) : view_(view), left_(limit) {}

  /// False if the page is full: it then says where the next one begins.
  bool add(const std::string& name, std::int32_t from) {
    const auto topic = view_.image().topic(name);
    if (topic == nullptr) return add_unknown(name), true;
    if (left_ == 0) return stop_at(name, from), false;
    auto& out = response_.topics.emplace_back();
    out.name = name;
    out.topic_id = topic->id;
    out.is_internal = is_internal(name);
    out.topic_authorized_operations = all_topic_operations;
    for (auto at = topic->partitions.lower_bound(from); at != topic->partitions.end(); ++at) {
      if (left_-- == 0) return left_ = 0, stop_at(name, at->first), false;
      add_partition(out, at->first, at->second);
    }
    return true;
  }

  DescribeTopicPartitionsResponse take() { return std::move(response_); }

 private:
  void add_unknown(const std::string& name) {
    auto& out = response_.topics.emplace_back();
    out.name = name;
    out.error_code = topic_name_problem(name).empty() ? ErrorCode::unknown_topic_or_partition
                                                      : ErrorCode::invalid_topic_exception;
  }

  void stop_at(const std::string& name, std::int32_t partition) {
    DescribeTopicPartitionsResponse::Cursor cursor;
    cursor.topic_name = name;
    cursor.partition_index = partition;
    response_.next_cursor = std::move(cursor);
  }

  void add_partition(TopicResponse& out, std::int32_t index, const metadata::Partition& partition) {
    auto& entry = out.partitions.emplace_back();
    entry.error_code = view_.error_of(partition);
    entry.partition_index = index;
    entry.leader_id = view_.leader_of(partition).value;
    entry.leader_epoch = partition.leader_epoch.value;
    entry.replica_nodes = numbers(partition.replicas);
    entry.isr_nodes = numbers(partition.isr);
    entry.eligible_leader_replicas = numbers(partition.eligible);
    entry.last_known_elr = numbers(partition.last_known);
    entry.offline_replicas = view_.offline_of(partition);
  }

  const View& view_;
  std::int32_t left_;
  DescribeTopicPartitionsResponse response_;
};

}  // namespace

DescribeTopicPartitionsResponse describe_topic_partitions(Broker& broker, const Context& context,
                                                          DescribeTopicPartitionsRequest request) {
  const View view(broker, context);
  const auto limit = std::clamp(request.response_partition_limit, 1,
                                std::max(broker.options.max_request_partitions, 1));
  Page page(view, limit);
  for (const auto& name : names_of(view.image(), request)) {
    const bool resumed = request.cursor && request.cursor->topic_name == name;
    if (!page.add(name, resumed ? request.cursor->partition_index : 0)) break;
  }
  return page.take();
}

}  // namespace trialog::broker::handlers
