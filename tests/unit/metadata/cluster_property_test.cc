#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

constexpr int brokers = 5;
constexpr int partitions = 4;

bool holds(const std::vector<NodeId>& ids, NodeId id) {
  return std::ranges::find(ids, id) != ids.end();
}

std::vector<std::int32_t> some_of(const std::vector<NodeId>& ids) {
  std::vector<std::int32_t> result;
  for (const auto id : ids) {
    if (*rc::gen::inRange(0, 3) != 0) result.push_back(id.value);
  }
  return result;
}

/// A leader proposes something, often what it may not.
void propose(ClusterStory& story, std::int32_t index) {
  const auto& known = story.partition("t", index);
  if (known.leader == no_leader) return;
  auto isr = some_of(known.replicas);
  if (std::ranges::find(isr, known.leader.value) == isr.end()) isr.push_back(known.leader.value);
  story.shrinks_or_grows("t", isr, index);
}

void move_replicas(ClusterStory& story, std::int32_t index) {
  protocol::AlterPartitionReassignmentsRequest request;
  auto& topic = request.topics.emplace_back();
  topic.name = "t";
  auto& asked = topic.partitions.emplace_back();
  asked.partition_index = index;
  asked.replicas.reset();
  if (*rc::gen::inRange(0, 3) != 0) {
    std::vector<NodeId> all;
    for (int id = 1; id <= brokers; ++id) all.emplace_back(id);
    asked.replicas = some_of(all);
    const auto turn = asked.replicas->empty()
                          ? 0
                          : *rc::gen::inRange<std::ptrdiff_t>(
                                0, static_cast<std::ptrdiff_t>(asked.replicas->size()));
    std::ranges::rotate(*asked.replicas, asked.replicas->begin() + turn);
  }
  story.asks<protocol::AlterPartitionReassignmentsResponse>(
      &Controller::alter_partition_reassignments, request);
}

void elect(ClusterStory& story, std::int32_t index, std::int8_t type) {
  protocol::ElectLeadersRequest request;
  request.election_type = type;
  request.topic_partitions.emplace();
  auto& asked = request.topic_partitions->emplace_back();
  asked.topic = "t";
  asked.partitions = {index};
  story.asks<protocol::ElectLeadersResponse>(&Controller::elect_leaders, request);
}

void start(ClusterStory& story, std::int32_t id) {
  auto request = story.registration(id);
  const auto* known = story.image().broker(NodeId(id));
  if (known && *rc::gen::inRange(0, 2) == 0) request.previous_broker_epoch = known->epoch;
  if (story.asks(request).error_code == ErrorCode::none && *rc::gen::inRange(0, 4) != 0) {
    story.beats(id);
  }
}

/// Does something and says what.
std::string step(ClusterStory& story) {
  const auto index = *rc::gen::inRange(0, partitions);
  const auto id = *rc::gen::inRange(1, brokers + 1);
  const bool known = story.image().broker(NodeId(id)) != nullptr;
  const auto of = [](std::string what, std::int32_t number) {
    return std::move(what) + " " + std::to_string(number);
  };
  switch (*rc::gen::inRange(0, 12)) {
    case 0:
    case 1:
      start(story, id);
      return of("start", id);
    case 2:
      story.passes(seconds(*rc::gen::inRange(1, 12)), {id, id % brokers + 1});
      return of("silence of the next two from", id);
    case 3:
      if (known) story.wants_to_go(id);
      return of("wants to go", id);
    case 4:
      move_replicas(story, index);
      return of("move", index);
    case 5:
      elect(story, index, *rc::gen::element<std::int8_t>(0, 0, 0, 1));
      return of("elect", index);
    case 6:
      story.fails_over();
      return "another controller";
    case 7:
      story.sets(ResourceType::topic, "t", "min.insync.replicas",
                 *rc::gen::element<std::string>("1", "2", "3"));
      return "minimum";
    case 8:
      if (known) story.beats(id);
      return of("beat", id);
    default:
      propose(story, index);
      return of("propose", index);
  }
}

std::size_t min_isr(const ClusterStory& story, const Partition& partition) {
  const auto& own = story.image().settings({ResourceType::topic, "t"});
  const auto found = own.find("min.insync.replicas");
  const std::size_t asked = found == own.end() ? 1 : std::stoul(found->second);
  return std::min(asked, partition.replicas.size());
}

/// SEMANTICS I11 and 5.4.
void check(const ClusterStory& story, const Partition& now) {
  const auto& image = story.image();
  RC_ASSERT(!now.replicas.empty());
  RC_ASSERT(now.directories.size() == now.replicas.size());
  RC_ASSERT(now.leader == no_leader || holds(now.isr, now.leader));
  const std::set<NodeId> replicas(now.replicas.begin(), now.replicas.end());
  RC_ASSERT(replicas.size() == now.replicas.size());
  for (const auto id : now.isr) {
    RC_ASSERT(replicas.contains(id));
    RC_ASSERT(image.broker(id) && image.broker(id)->active());
    RC_ASSERT(!holds(now.eligible, id));
  }
  for (const auto id : now.eligible) RC_ASSERT(replicas.contains(id));
  if (now.isr.size() >= min_isr(story, now)) RC_ASSERT(now.eligible.empty());
  for (const auto id : now.adding) RC_ASSERT(replicas.contains(id) && !holds(now.removing, id));
  for (const auto id : now.removing) RC_ASSERT(replicas.contains(id));
  // Whoever can lead without loss does.
  if (now.leader != no_leader) return;
  RC_ASSERT(now.isr.empty());
  for (const auto id : now.eligible) RC_ASSERT(!image.broker(id)->active());
}

void check_progress(const Partition& before, const Partition& now) {
  RC_ASSERT(now.partition_epoch >= before.partition_epoch);
  RC_ASSERT(now.leader_epoch >= before.leader_epoch);
  if (now.leader != before.leader) RC_ASSERT(now.leader_epoch > before.leader_epoch);
  if (!(now == before)) RC_ASSERT(now.partition_epoch > before.partition_epoch);
  for (const auto id : before.replicas) {
    // Who is no replica any more must not go on under the same leader.
    if (!holds(now.replicas, id)) RC_ASSERT(now.leader_epoch > before.leader_epoch);
  }
}

Image of_snapshot(const Image& image) {
  Image copy;
  for (const auto& record : records_of(image)) {
    RC_ASSERT(copy.problem(record).empty());
    copy.apply(record);
  }
  copy.stands_at(image.end());
  return copy;
}

RC_GTEST_PROP(Cluster, KeepsWhatMustHoldOfEveryPartition, ()) {
  ClusterStory story(brokers);
  story.creates("t", {{1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {5, 1, 2}});
  const auto steps = *rc::gen::inRange(0, 40);
  for (int i = 0; i < steps; ++i) {
    const Image before = story.image();
    RC_LOG() << step(story) << std::endl;
    for (int index = 0; index < partitions; ++index) {
      RC_LOG() << "  " << index << ": " << story.shape("t", index) << std::endl;
      check(story, story.partition("t", index));
      check_progress(*before.partition("t", index), story.partition("t", index));
    }
    for (const auto& [id, broker] : story.image().brokers()) {
      const auto* then = before.broker(id);
      RC_ASSERT(!then || broker.epoch >= then->epoch);
    }
  }
  RC_ASSERT(story.replayed() == story.image());
  RC_ASSERT(of_snapshot(story.image()) == story.image());
  Controller another(ClusterStory::defaults(), story.image(), Epoch(9), story.now());
  RC_ASSERT(another.image() == story.image());
}

RC_GTEST_PROP(Cluster, FindsWhatItLooksForInTheIndexOfItsImage, ()) {
  ClusterStory story(brokers);
  story.creates("t", {{1, 2, 3}, {2, 3, 4}, {3, 4, 5}, {5, 1, 2}});
  const auto steps = *rc::gen::inRange(0, 30);
  for (int i = 0; i < steps; ++i) step(story);
  const PartitionIndex fresh(story.image());
  for (int id = 1; id <= brokers; ++id) {
    std::set<std::int32_t> expected;
    for (int p = 0; p < partitions; ++p) {
      const auto& known = story.partition("t", p);
      if (holds(known.isr, NodeId(id)) || holds(known.eligible, NodeId(id))) expected.insert(p);
    }
    std::set<std::int32_t> found;
    for (const auto& key : fresh.of(NodeId(id))) found.insert(key.index);
    RC_ASSERT(found == expected);
  }
  RC_ASSERT(story.controller().index() == fresh);
}

}  // namespace
}  // namespace trialog::metadata::test
