#include "sim/world.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <set>
#include <sstream>

#include "sim/replay.h"

namespace trialog::sim {
namespace {

TEST(World, EventsHappenInTheOrderOfTheirTimes) {
  World world(1);
  std::vector<int> order;
  for (const int ms : {5, 1, 3, 2, 4}) {
    world.at(beginning + milliseconds(ms), 0, "test", [&order, ms] { order.push_back(ms); });
  }
  world.run_until(beginning + milliseconds(4));
  EXPECT_EQ(order, (std::vector<int>{1, 2, 3, 4}));
  EXPECT_EQ(world.now(), beginning + milliseconds(4));
  EXPECT_FALSE(world.idle());
  world.run_for(milliseconds(6));
  EXPECT_EQ(order.size(), 5u);
  EXPECT_EQ(world.now(), beginning + milliseconds(10));
  EXPECT_TRUE(world.idle());
}

std::string order_of_simultaneous(std::uint64_t seed) {
  World world(seed);
  std::string order;
  for (char c = 'a'; c < 'g'; ++c) {
    world.at(beginning + seconds(1), 0, "test", [&order, c] { order += c; });
  }
  world.run_for(seconds(1));
  return order;
}

TEST(World, TheOrderOfSimultaneousEventsIsDrawnFromTheSeed) {
  std::set<std::string> orders;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_EQ(order_of_simultaneous(seed), order_of_simultaneous(seed));
    orders.insert(order_of_simultaneous(seed));
  }
  EXPECT_GT(orders.size(), 10u);
}

TEST(World, ACancelledHappeningNeverHappens) {
  World world(1);
  int happened = 0;
  const auto first = world.after(seconds(1), 0, "test", [&] { ++happened; });
  const auto second = world.after(seconds(2), 0, "test", [&] { ++happened; });
  world.cancel(second);
  world.cancel(second);
  world.run_for(seconds(5));
  EXPECT_EQ(happened, 1);
  world.cancel(first);  // It has happened; its place may be somebody else's by now.
  world.after(seconds(1), 0, "test", [&] { ++happened; });
  world.cancel(first);
  world.run_for(seconds(5));
  EXPECT_EQ(happened, 2);
}

TEST(World, AnEventMayScheduleAndCancelOthers) {
  World world(1);
  std::vector<int> order;
  World::Happening victim;
  world.after(seconds(1), 0, "test", [&] {
    order.push_back(1);
    world.cancel(victim);
    world.after(Duration(0), 0, "test", [&] { order.push_back(2); });
  });
  victim = world.after(seconds(2), 0, "test", [&] { order.push_back(3); });
  world.run_for(seconds(3));
  EXPECT_EQ(order, (std::vector<int>{1, 2}));
}

/// The queue against a multimap: random pushes, cancels and steps.
RC_GTEST_PROP(World, AgreesWithASortedListUnderAnyMixOfCalls, (std::uint64_t seed)) {
  World world(seed);
  Random random(seed);
  std::multimap<std::int64_t, int> model;
  std::map<int, std::pair<World::Happening, std::int64_t>> known;
  std::vector<std::pair<std::int64_t, int>> happened;
  int next = 0;
  const auto steps = 200 + random.below(5000);
  for (std::uint64_t i = 0; i < steps; ++i) {
    const auto what = random.below(10);
    if (what < 5) {
      const auto when = (world.now() - beginning).count() + random.between(0, 50);
      const int id = next++;
      const auto happening = world.at(Moment(Duration(when)), 0, "test",
                                      [&, id, when] { happened.emplace_back(when, id); });
      known.emplace(id, std::pair(happening, when));
      model.emplace(when, id);
    } else if (what < 8 && !model.empty()) {
      const int id = static_cast<int>(random.below(static_cast<std::uint64_t>(next)));
      world.cancel(known.at(id).first);
      std::erase_if(model, [&](const auto& entry) { return entry.second == id; });
    } else if (!model.empty()) {
      const auto before = happened.size();
      RC_ASSERT(world.step());
      RC_ASSERT(happened.size() == before + 1);
      const auto [when, id] = happened.back();
      RC_ASSERT(when == model.begin()->first);
      RC_ASSERT(std::erase_if(model, [&](const auto& e) { return e.second == id; }) == 1u);
    }
    RC_ASSERT(world.idle() == model.empty());
  }
}

TEST(World, StreamsAreIndependentAndNamed) {
  World world(7);
  auto one = world.random("one");
  auto again = world.random("one");
  auto other = world.random("other");
  const auto drawn = one.next();
  EXPECT_EQ(drawn, again.next());
  EXPECT_NE(drawn, other.next());
  EXPECT_NE(drawn, World(8).random("one").next());
}

TEST(World, WhateverIsRecordedIsInTheHash) {
  auto hash = [](NodeIndex node, std::uint64_t digest, Duration at) {
    World world(1);
    world.run_for(at);
    world.record(node, "x", digest);
    return world.hash();
  };
  const auto base = hash(1, 2, seconds(3));
  EXPECT_EQ(base, hash(1, 2, seconds(3)));
  EXPECT_NE(base, hash(2, 2, seconds(3)));
  EXPECT_NE(base, hash(1, 3, seconds(3)));
  EXPECT_NE(base, hash(1, 2, seconds(4)));
}

std::string recorded(std::uint64_t seed, int odd_one) {
  World world(seed);
  MemoryRecorder recorder;
  world.set_recorder(&recorder);
  for (int i = 0; i < 50; ++i) {
    world.after(milliseconds(i), 1, "tick", [&world, i, odd_one] {
      world.record(2, "said", static_cast<std::uint64_t>(i == odd_one ? 999 : i), "hello\nworld");
    });
  }
  world.run_for(seconds(1));
  return recorder.text();
}

TEST(Replay, NamesTheFirstDivergentEventAndBothSides) {
  std::istringstream same(recorded(1, -1)), same_again(recorded(1, -1));
  EXPECT_FALSE(first_divergence(same, same_again));
  std::istringstream left(recorded(1, -1)), right(recorded(1, 20));
  const auto divergence = first_divergence(left, right);
  ASSERT_TRUE(divergence);
  EXPECT_EQ(divergence->event, 42u);  // A tick and a word each.
  EXPECT_NE(divergence->left.find("said 0000000000000014 hello world"), std::string::npos);
  EXPECT_NE(divergence->right.find("said 00000000000003e7 hello world"), std::string::npos);
  EXPECT_EQ(divergence->before.size(), 10u);
  EXPECT_NE(divergence->text().find("both:"), std::string::npos);
}

TEST(Replay, ARunThatEndsEarlierDivergesThere) {
  const auto all = recorded(1, -1);
  std::istringstream left(all), right(all.substr(0, all.size() / 2));
  const auto divergence = first_divergence(left, right);
  ASSERT_TRUE(divergence);
  std::istringstream nothing(""), whole(all);
  const auto at_once = first_divergence(nothing, whole);
  ASSERT_TRUE(at_once);
  EXPECT_EQ(at_once->event, 1u);
  EXPECT_TRUE(at_once->left.empty());
}

TEST(Replay, RecordingDoesNotChangeTheHash) {
  World quiet(5), recorded_world(5);
  MemoryRecorder recorder;
  recorded_world.set_recorder(&recorder);
  for (World* world : {&quiet, &recorded_world}) {
    for (int i = 0; i < 9; ++i) world->after(seconds(i % 3), 0, "tick", [] {});
    world->run_for(seconds(5));
  }
  EXPECT_EQ(quiet.hash(), recorded_world.hash());
  EXPECT_EQ(recorder.lines().size(), quiet.events());
}

}  // namespace
}  // namespace trialog::sim
