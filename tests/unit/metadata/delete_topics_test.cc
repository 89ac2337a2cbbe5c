#include <gtest/gtest.h>

#include "tests/unit/metadata/cluster_story.h"

namespace trialog::metadata::test {
namespace {

using State = protocol::DeleteTopicsRequest::DeleteTopicState;

State named(std::string name) {
  State state;
  state.name = std::move(name);
  return state;
}

State identified(Uuid id) {
  State state;
  state.topic_id = id;
  return state;
}

std::vector<std::string> answers(ClusterStory& story, std::vector<State> states) {
  protocol::DeleteTopicsRequest request;
  request.topics = std::move(states);
  std::vector<std::string> result;
  for (const auto& answer : story.asks(request).responses) result.push_back(said(answer));
  return result;
}

using Answers = std::vector<std::string>;

TEST(DeleteTopics, DeletesByNameAndById) {
  ClusterStory story(1);
  story.creates("a");
  const auto id = story.creates("b");
  EXPECT_EQ(answers(story, {named("a"), identified(id)}), (Answers{"NONE", "NONE"}));
  EXPECT_TRUE(story.image().topics().empty());
  EXPECT_FALSE(story.image().topic(id));
}

TEST(DeleteTopics, TellsNameAndIdOfWhatItDeleted) {
  ClusterStory story(1);
  const auto id = story.creates("a");
  protocol::DeleteTopicsRequest request;
  request.topics = {identified(id)};
  const auto response = story.asks(request);
  EXPECT_EQ(response.responses.at(0).name, "a");
  EXPECT_EQ(response.responses.at(0).topic_id, id);
}

TEST(DeleteTopics, TakesTheSettingsAlong) {
  ClusterStory story(1);
  story.asks(create({with(topic("a"), "retention.ms", "5")}));
  story.deletes("a");
  story.creates("a");
  EXPECT_TRUE(story.image().settings({ResourceType::topic, "a"}).empty());
}

TEST(DeleteTopics, MakesAnotherTopicOfTheSameName) {
  ClusterStory story(1);
  const auto first = story.creates("a");
  story.deletes("a");
  EXPECT_NE(story.creates("a"), first);
}

TEST(DeleteTopics, RefusesWhatIsNotThere) {
  ClusterStory story(1);
  EXPECT_EQ(answers(story, {named("gone"), identified(ClusterStory::directory(5))}),
            (Answers{"UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.",
                     "UNKNOWN_TOPIC_ID: This server does not host this topic ID."}));
}

TEST(DeleteTopics, RefusesWhatIsNamedTwiceOrNotAtAll) {
  ClusterStory story(1);
  const auto id = story.creates("a");
  auto both = named("a");
  both.topic_id = id;
  EXPECT_EQ(answers(story, {both}),
            Answers{"INVALID_REQUEST: You may not specify both topic name and topic id."});
  EXPECT_EQ(answers(story, {State()}),
            Answers{"INVALID_REQUEST: Neither topic name nor id were specified."});
  EXPECT_EQ(answers(story, {named("a"), named("a")}),
            Answers{"INVALID_REQUEST: Duplicate topic name."});
  EXPECT_EQ(answers(story, {identified(id), identified(id)}),
            Answers{"INVALID_REQUEST: Duplicate topic id."});
  EXPECT_EQ(answers(story, {identified(id), named("a")}),
            Answers{"INVALID_REQUEST: The provided topic name maps to an ID that was already "
                    "supplied."});
  EXPECT_TRUE(story.image().topic("a"));
}

TEST(DeleteTopics, RefusesEverythingWhereDeletingIsDisabled) {
  auto options = ClusterStory::defaults();
  options.delete_topics = false;
  ClusterStory story(1, options);
  story.creates("a");
  EXPECT_EQ(answers(story, {named("a")}),
            Answers{"TOPIC_DELETION_DISABLED: Topic deletion is disabled."});
  EXPECT_TRUE(story.image().topic("a"));
}

}  // namespace
}  // namespace trialog::metadata::test
