#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

/// A few names, so that requests meet topics that are there, gone, or collide.
std::string some_name() {
  return *rc::gen::element<std::string>("a", "b.c", "b_c", "d", "", "bad name", "e");
}

std::pair<std::string, std::string> some_setting() {
  return *rc::gen::element<std::pair<std::string, std::string>>(
      std::pair("retention.ms", "5"), std::pair("retention.ms", "6"),
      std::pair("cleanup.policy", "compact"), std::pair("segment.bytes", "13"),
      std::pair("no.such", "x"));
}

void create_some(ClusterStory& story) {
  std::vector<NewTopic> topics;
  const auto count = *rc::gen::inRange(1, 4);
  for (int i = 0; i < count; ++i) {
    auto made =
        topic(some_name(), *rc::gen::inRange(-2, 4), *rc::gen::inRange<std::int16_t>(-1, 3));
    if (*rc::gen::inRange(0, 3) == 0) {
      const auto [name, value] = some_setting();
      made = with(std::move(made), name, value);
    }
    topics.push_back(std::move(made));
  }
  const bool validate_only = *rc::gen::inRange(0, 5) == 0;
  story.asks(create(std::move(topics), validate_only));
}

void delete_some(ClusterStory& story) {
  protocol::DeleteTopicsRequest request;
  request.topic_names.push_back(some_name());
  story.asks(request);
}

void grow_some(ClusterStory& story) {
  protocol::CreatePartitionsRequest request;
  auto& more = request.topics.emplace_back();
  more.name = some_name();
  more.count = *rc::gen::inRange(0, 6);
  more.assignments.reset();
  story.asks(request);
}

void alter_some(ClusterStory& story) {
  protocol::IncrementalAlterConfigsRequest request;
  auto& asked = request.resources.emplace_back();
  asked.resource_type = *rc::gen::element<std::int8_t>(2, 4);
  asked.resource_name = asked.resource_type == 2 ? some_name() : "1";
  auto& config = asked.configs.emplace_back();
  const auto [name, value] = some_setting();
  config.name = name;
  config.value = value;
  config.config_operation = *rc::gen::inRange<std::int8_t>(0, 4);
  story.asks(request);
}

void step(ClusterStory& story) {
  switch (*rc::gen::inRange(0, 7)) {
    case 0:
      return delete_some(story);
    case 1:
      return grow_some(story);
    case 2:
      return alter_some(story);
    case 3:
      story.producer_ids();
      return;
    case 4:
      story.fails_over();
      story.joins(*rc::gen::inRange(1, 3));
      return;
    default:
      return create_some(story);
  }
}

RC_GTEST_PROP(Replay, OfTheLogAloneGivesTheSameState, ()) {
  ClusterStory story(1);
  const auto steps = *rc::gen::inRange(0, 30);
  for (int i = 0; i < steps; ++i) step(story);
  RC_ASSERT(story.replayed() == story.image());
}

RC_GTEST_PROP(Replay, LeavesEveryImageOfThePastAlone, ()) {
  ClusterStory story(1);
  std::vector<Image> images;
  std::vector<std::size_t> lengths;
  const auto steps = *rc::gen::inRange(0, 20);
  for (int i = 0; i < steps; ++i) {
    images.push_back(story.image());
    lengths.push_back(story.log().size());
    step(story);
  }
  Image image;
  std::size_t at = 0;
  for (std::size_t i = 0; i < images.size(); ++i) {
    for (; at < lengths[i]; ++at) image.apply(**decode_record(story.log()[at]));
    RC_ASSERT(image == images[i]);
  }
}

RC_GTEST_PROP(Replay, KeepsWhatMustHoldOfEveryPartition, ()) {
  ClusterStory story(1);
  const auto steps = *rc::gen::inRange(0, 30);
  for (int i = 0; i < steps; ++i) step(story);
  for (const auto& [name, topic] : story.image().topics()) {
    RC_ASSERT(story.image().topic(topic->id) == topic);
    std::int32_t expected = 0;
    for (const auto& [index, partition] : topic->partitions) {
      RC_ASSERT(index == expected++);
      RC_ASSERT(!partition.replicas.empty());
      RC_ASSERT(partition.directories.size() == partition.replicas.size());
      RC_ASSERT(std::ranges::count(partition.isr, partition.leader) == 1);
      for (const auto id : partition.isr) {
        RC_ASSERT(std::ranges::count(partition.replicas, id) == 1);
      }
    }
  }
}

}  // namespace
}  // namespace trialog::metadata::test
