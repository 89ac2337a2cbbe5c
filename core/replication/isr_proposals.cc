#include "core/replication/isr_proposals.h"

#include <utility>

#include "core/client/backoff.h"
#include "core/replication/replica.h"

namespace trialog::replication {
namespace {

constexpr Duration retry_backoff = milliseconds(20);
constexpr Duration retry_backoff_max = seconds(1);
constexpr std::int8_t recovering = 1;

using PartitionAnswer = protocol::AlterPartitionResponse::PartitionData;

const PartitionAnswer* find(const protocol::AlterPartitionResponse& response,
                            const Replica& replica) {
  for (const auto& topic : response.topics) {
    if (topic.topic_id != replica.topic_id) continue;
    for (const auto& partition : topic.partitions) {
      if (partition.partition_index == replica.partition.partition) return &partition;
    }
  }
  return nullptr;
}

partition::IsrAnswer answer_of(const PartitionAnswer& partition) {
  partition::IsrAnswer answer;
  answer.error = partition.error_code;
  answer.leader_epoch = Epoch(partition.leader_epoch);
  answer.partition_epoch = partition.partition_epoch;
  for (const auto id : partition.isr) answer.isr.insert(NodeId(id));
  answer.recovering = partition.leader_recovery_state == recovering;
  return answer;
}

}  // namespace

IsrProposals::IsrProposals(Env& env, IsrChannel& channel, NodeId self)
    : env_(env),
      channel_(channel),
      self_(self),
      random_(env.random.fork("isr proposals")),
      came_(env.executor),
      tasks_(env.executor) {
  tasks_.run("isr proposals", run());
}

void IsrProposals::registered(std::int64_t broker_epoch) {
  broker_epoch_ = broker_epoch;
  came_.raise();
}

void IsrProposals::propose(std::shared_ptr<Replica> replica, partition::Proposal proposal) {
  std::erase_if(asked_, [&](const Asked& other) { return other.replica == replica; });
  asked_.push_back({std::move(replica), std::move(proposal)});
  came_.raise();
}

Task<void> IsrProposals::run() {
  int failures = 0;
  while (true) {
    while (asked_.empty() || broker_epoch_ < 0) co_await came_.wait();
    const auto asked = std::exchange(asked_, {});
    auto response = co_await channel_.alter_partition(request(asked));
    failures = hand_back(asked, response) ? 0 : failures + 1;
    if (failures == 0) continue;
    const auto pause = client::backoff(retry_backoff, retry_backoff_max, failures, random_);
    co_await env_.clock.sleep(pause);
  }
}

protocol::AlterPartitionRequest IsrProposals::request(const std::deque<Asked>& asked) const {
  protocol::AlterPartitionRequest request;
  request.broker_id = self_.value;
  request.broker_epoch = broker_epoch_;
  for (const auto& [replica, proposal] : asked) {
    auto& topic = request.topics.emplace_back();
    topic.topic_id = replica->topic_id;
    auto& partition = topic.partitions.emplace_back();
    partition.partition_index = replica->partition.partition;
    partition.leader_epoch = proposal.leader_epoch.value;
    partition.partition_epoch = proposal.partition_epoch;
    partition.leader_recovery_state = proposal.recovering ? recovering : std::int8_t{0};
    for (const auto& [id, broker_epoch] : proposal.isr) {
      auto& member = partition.new_isr_with_epochs.emplace_back();
      member.broker_id = id.value;
      member.broker_epoch = id == self_ ? broker_epoch_ : broker_epoch;
    }
  }
  return request;
}

bool IsrProposals::hand_back(const std::deque<Asked>& asked,
                             const Result<protocol::AlterPartitionResponse>& response) {
  bool decided = false;
  partition::IsrAnswer lost;
  lost.error = ErrorCode::unknown_server_error;
  for (const auto& [replica, proposal] : asked) {
    const bool answered = response && response->error_code == ErrorCode::none;
    const auto* found = answered ? find(*response, *replica) : nullptr;
    if (found != nullptr && found->error_code == ErrorCode::none) decided = true;
    replica->isr_answered(proposal, found == nullptr ? lost : answer_of(*found));
  }
  return decided;
}

}  // namespace trialog::replication
